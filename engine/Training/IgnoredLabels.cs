using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>What became of un-annotated labels in an epoch, and how many of them were truly positive.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Unannotated">Number of un-annotated labels whose truth is known.</param>
/// <param name="UnannotatedPositive">Those of <paramref name="Unannotated"/> that are truly positive: the base
/// rate.</param>
/// <param name="ByPrior">
/// Left out because their class's prior is above the threshold (or, in mode ignore, left out anyway).
/// </param>
/// <param name="ByPriorPositive">Those of <paramref name="ByPrior"/> that are truly positive.</param>
/// <param name="ByTopK">Left out because they were among the batch's likeliest.</param>
/// <param name="ByTopKPositive">Those of <paramref name="ByTopK"/> that are truly positive.</param>
public sealed record IgnoredEpoch(
    int Epoch, long Unannotated, long UnannotatedPositive, long ByPrior, long ByPriorPositive, long ByTopK,
    long ByTopKPositive)
{
    /// <summary>Share of all un-annotated labels that are truly positive.</summary>
    public double BaseRate => Share(UnannotatedPositive, Unannotated);

    /// <summary>Share of those left out by the prior that are truly positive.</summary>
    public double ByPriorHits => Share(ByPriorPositive, ByPrior);

    /// <summary>Share of those left out by top-k that are truly positive.</summary>
    public double ByTopKHits => Share(ByTopKPositive, ByTopK);

    /// <summary>Share of the hidden positives that were learnt as negatives.</summary>
    public double Mistaken => Share(UnannotatedPositive - ByPriorPositive - ByTopKPositive, UnannotatedPositive);

    private static double Share(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;
}

/// <summary>
/// Counts which un-annotated labels the loss leaves out and whether they are truly positive, which is known if labels
/// were hidden deliberately. A mixed picture counts with the union of its tiles' true labels. A label
/// whose class is above the prior's threshold is counted under the prior, even if it takes one of the places of top-k.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class IgnoredLabels
{
    private const string Header =
        "epoch,unannotated,unannotated_positive,by_prior,by_prior_positive,by_topk,by_topk_positive";

    private readonly IReadOnlyList<Sample> _truth;
    private readonly SelectiveLossOptions _options;
    private readonly float[]? _prior;
    private readonly List<IgnoredEpoch> _epochs = [];
    private readonly long[] _counts = new long[6];

    /// <param name="truth">The training samples with all their labels.</param>
    /// <param name="options">Constants of the loss.</param>
    /// <param name="prior">[classes] its prior, or null.</param>
    internal IgnoredLabels(IReadOnlyList<Sample> truth, SelectiveLossOptions options, float[]? prior) =>
        (_truth, _options, _prior) = (truth, options, prior);

    /// <summary>Adds a batch.</summary>
    /// <param name="batch">The batch, with the labels that the loss saw.</param>
    /// <param name="weights">[pictures, classes] weights of the loss; 0 for a label that was left out.</param>
    public void Add(Batch batch, ReadOnlySpan<float> weights)
    {
        for (var i = 0; i < batch.Count * batch.Classes; i++)
        {
            var label = Truth(batch, i / batch.Classes, i % batch.Classes);
            if (batch.Labels[i] >= 0 || label < 0)
                continue;
            Count(0, label);
            if (weights[i] == 0)
                Count(IsAboveThreshold(i % batch.Classes) ? 2 : 4, label);
        }
    }

    /// <summary>Closes an epoch and writes all of them.</summary>
    public void EndEpoch(int epoch, string path)
    {
        _epochs.Add(new IgnoredEpoch(epoch, _counts[0], _counts[1], _counts[2], _counts[3], _counts[4], _counts[5]));
        Array.Clear(_counts);
        Files.WriteAtomically(path, $"{Header}\n{SaveEpochs()}");
    }

    /// <summary>The counts of an epoch that is not over.</summary>
    public string Save() => string.Join(',', _counts);

    /// <summary>The counts of the epochs that are over, a line each.</summary>
    public string SaveEpochs()
    {
        var text = new StringBuilder();
        foreach (var e in _epochs)
        {
            text.Append(CultureInfo.InvariantCulture, $"{e.Epoch},{e.Unannotated},{e.UnannotatedPositive},{e.ByPrior},"
                + $"{e.ByPriorPositive},{e.ByTopK},{e.ByTopKPositive}\n");
        }
        return text.ToString();
    }

    /// <summary>Continues from <see cref="Save"/> and <see cref="SaveEpochs"/>.</summary>
    /// <param name="counts">Counts of the unfinished epoch.</param>
    /// <param name="epochs">Counts of the finished epochs; null, as in older states, to read them from the
    /// file.</param>
    /// <param name="path">The file that <see cref="EndEpoch"/> wrote.</param>
    /// <param name="firstEpoch">The epoch to continue with.</param>
    public void Load(string counts, string? epochs, string path, int firstEpoch)
    {
        Cells(counts).CopyTo(_counts, 0);
        if (epochs is not null)
        {
            _epochs.AddRange(
                epochs.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Parse(Cells(line))));
        }
        else if (File.Exists(path))
        {
            _epochs.AddRange(Read(path).Where(epoch => epoch.Epoch < firstEpoch));
        }
    }

    private static long[] Cells(string line) =>
        [.. line.Split(',').Select(cell => long.Parse(cell, CultureInfo.InvariantCulture))];

    /// <summary>Reads what <see cref="EndEpoch"/> wrote.</summary>
    /// <exception cref="InputException">The file is missing or was changed so that it cannot be read.</exception>
    public static IReadOnlyList<IgnoredEpoch> Read(string path)
    {
        using var table = CsvTable.Open(path, ["epoch"]);
        var places = table.Headings.FindAll(Header.Split(','), column => new InputException($"{path}: not a table of "
            + $"ignored labels: the column '{column}' is missing; the first line must be {Header}"));
        var epochs = new List<IgnoredEpoch>();
        while (table.Read())
            epochs.Add(Parse([.. places.Select(table.Integer64)]));
        return epochs;
    }

    /// <summary>All epochs of a file together, as number 0.</summary>
    public static IgnoredEpoch Total(string path) =>
        Read(path).Aggregate(new IgnoredEpoch(0, 0, 0, 0, 0, 0, 0), (sum, e) => new IgnoredEpoch(
            0, sum.Unannotated + e.Unannotated, sum.UnannotatedPositive + e.UnannotatedPositive,
            sum.ByPrior + e.ByPrior, sum.ByPriorPositive + e.ByPriorPositive, sum.ByTopK + e.ByTopK,
            sum.ByTopKPositive + e.ByTopKPositive));

    private static IgnoredEpoch Parse(long[] cells) =>
        new((int)cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]);

    private sbyte Truth(Batch batch, int picture, int k)
    {
        if (picture < batch.Samples)
            return _truth[batch.SampleIndices[picture]].Labels[k];
        sbyte union = 0;
        foreach (var tile in batch.Tiles.AsSpan((picture - batch.Samples) * SpliceTiles.Most, SpliceTiles.Most))
        {
            if (tile != SpliceTiles.Empty)
                union = PictureSplicing.Either(union, Truth(batch, tile, k));
        }
        return union;
    }

    private bool IsAboveThreshold(int k) => _options.Mode == PartialLossMode.Selective
        ? _prior is not null && _options.PriorThreshold != 0 && _prior[k] > _options.PriorThreshold
        : _options.Mode is PartialLossMode.Ignore or PartialLossMode.IgnoreNormalizeClasses;

    private void Count(int place, sbyte label)
    {
        _counts[place]++;
        _counts[place + 1] += label;
    }
}
