namespace Flixstock.Engine;

/// <summary>How much a report computes and shows.</summary>
internal sealed record ReportOptions
{
    /// <summary>Resamples of the pictures for the intervals; 0: no intervals.</summary>
    public int Resamples { get; init; } = EvaluationOptions.DefaultResamples;

    /// <summary>How sure the model has to be for a label to be suspicious, 0.5 to 1.</summary>
    public double Confidence { get; init; } = 0.9;

    /// <summary>Largest number of pictures of a kind; 0: no pictures.</summary>
    public int Pictures { get; init; } = 24;

    /// <summary>Largest size of all thumbnails together in the page, in bytes.</summary>
    public int ThumbnailBytes { get; init; } = 2_200_000;

    /// <summary>Largest number of places in which pictures are shown.</summary>
    public int Places { get; init; } = 2500;
}
