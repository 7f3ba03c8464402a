using Google.Protobuf;

namespace Flixstock.Engine;

/// <summary>
/// What an epoch has in the event file besides scalars, on request. Long trainings have it of every n-th epoch, so that
/// the file, which a resumed run keeps in memory, stays of a size.
/// </summary>
/// <param name="weights">Gives the plain weights as they are; null: no histograms.</param>
/// <param name="pictures">The pictures; null: none.</param>
internal sealed class EventDetails(Func<StateDict>? weights, EventPictures? pictures)
{
    /// <summary>Epochs of which there are histograms at most.</summary>
    public const int MostHistograms = 100;

    /// <summary>Epochs of which there are pictures at most: twice as many as TensorBoard shows unasked.</summary>
    public const int MostPictures = 20;

    private const string OfWeights = "weights/", OfValidation = "validation/";
    private int _epochs = 1;

    /// <summary>The training begins or continues.</summary>
    /// <param name="start">What is trained.</param>
    public void Begin(TrainingStart start) => _epochs = start.Options.Epochs;

    /// <summary>What is written of an epoch.</summary>
    /// <param name="epoch">The epoch, which is validated.</param>
    public IEnumerable<Summary> Of(EpochSummary epoch)
    {
        if (weights is not null && epoch.Epoch % StepThinning.StrideOf(_epochs, MostHistograms) == 0)
            yield return Histograms(weights());
        if (pictures is not null && epoch.Epoch % StepThinning.StrideOf(_epochs, MostPictures) == 0)
            yield return Pictures(pictures.Paint(epoch.Better));
    }

    // Counters are no weights.
    private static Summary Histograms(StateDict state)
    {
        var summary = new Summary();
        foreach (var tensor in state.Where(tensor => tensor.Type == StateType.F32))
        {
            if (WeightHistogram.Of(tensor.ToFloats()) is { } histogram)
                summary.Value.Add(new Summary.Types.Value { Tag = OfWeights + tensor.Name, Histo = histogram });
        }
        return summary;
    }

    private static Summary Pictures(IEnumerable<(string Name, RgbPicture Picture)> painted)
    {
        var summary = new Summary();
        foreach (var (name, picture) in painted)
        {
            summary.Value.Add(new Summary.Types.Value
            {
                Tag = OfValidation + name,
                Image = new Summary.Types.Image
                {
                    Width = picture.Width,
                    Height = picture.Height,
                    Colorspace = 3,
                    EncodedImageString = UnsafeByteOperations.UnsafeWrap(PictureWriter.EncodePng(picture)),
                },
            });
        }
        return summary;
    }
}
