using System.Globalization;

namespace Flixstock.Engine;

/// <summary>The labels that are hidden.</summary>
public enum SimulationKind
{
    /// <summary>
    /// Random per sample: every known label, positive or negative, becomes unknown with a given probability.
    /// </summary>
    Rps,
    /// <summary>
    /// Fixed per class: of every class this many positives and this many negatives stay known, drawn at random, and no
    /// others.
    /// </summary>
    Fpc,
}

/// <summary>
/// Hides known labels, as Ben-Baruch et al. ("Multi-label Classification with Partial Annotations using Class-aware
/// Selective Loss", 2022, section 5) do with MS-COCO. Nothing is invented: a label stays as it is or becomes unknown.
/// Which ones are hidden follows from seed, class name and file name alone, so that neither the order of classes nor
/// that of pictures matters; with the same seed what fpc 100 leaves is a part of what fpc 1000 leaves, and what rps 0.9
/// leaves a part of what rps 0.5 leaves.
/// </summary>
/// <param name="Kind">The labels that are hidden.</param>
/// <param name="Parameter">
/// Rps: the probability to become unknown, between 0 and 1. Fpc: positives and negatives per class, a whole number from
/// 1.
/// </param>
/// <param name="Seed">Seed of the random choice.</param>
public sealed record PartialSimulation(SimulationKind Kind, double Parameter, ulong Seed = 1)
{
    /// <summary>The simulation as people write it: <c>fpc 1000</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kind.ToString().ToLowerInvariant()} {Parameter}");

    /// <summary>Checks the parameter.</summary>
    /// <exception cref="InputException">It is out of range.</exception>
    public void Validate()
    {
        var number = Parameter.ToString(CultureInfo.InvariantCulture);
        if (Kind == SimulationKind.Rps && Parameter is not (> 0 and < 1))
        {
            throw new InputException($"{Term.Parameter} {number}: with rps it is the share of labels to hide; "
                + $"give a number between 0 and 1, as 0.5");
        }

        if (Kind == SimulationKind.Fpc
            && !(Parameter is >= 1 and <= int.MaxValue && Parameter == Math.Floor(Parameter)))
        {
            throw new InputException($"{Term.Parameter} {number}: with fpc it is the number of positives and of "
                + $"negatives that stay known of each class; give a whole number from 1, as 1000");
        }
    }

    /// <summary>
    /// The same pictures with labels hidden. Of exclusive attributes a cell of the label file is one annotation: it
    /// stays or goes as a whole, fpc leaves this many cells of every class, and the negatives that come with them.
    /// </summary>
    /// <exception cref="InputException">
    /// The parameter is out of range, or so large that every class would keep all of its positives.
    /// </exception>
    public SimulatedLabels Apply(ImageDataset dataset, CancellationToken cancellation = default)
    {
        Validate();
        var table = dataset.Attributes;
        var before = ClassFrequencies.Of(dataset, cancellation);
        if (Kind == SimulationKind.Fpc)
            RequireSomethingToHide(before);
        var labels = dataset.Samples.Select(_ => new sbyte[table.ClassCount]).ToArray();
        foreach (var own in labels)
            Array.Fill(own, (sbyte)-1);
        var lottery = new LabelLottery(dataset, new SeededRandom(Seed).Derive("partial labels"), cancellation);
        for (var group = 0; group < table.Groups.Count; group++)
        {
            foreach (var (picture, first, classes) in table.Groups[group].Independent
                ? KeptLabels(dataset, lottery)
                : KeptCells(dataset, lottery, group))
            {
                dataset.Samples[picture].Labels.AsSpan(first, classes).CopyTo(labels[picture].AsSpan(first));
            }
        }
        var hidden = dataset.WithSamples(
            [.. dataset.Samples.Select((sample, i) => sample with { Labels = labels[i] })]);
        return new SimulatedLabels(this, dataset, hidden, before, ClassFrequencies.Of(hidden, cancellation));
    }

    private IEnumerable<(int Picture, int First, int Classes)> KeptLabels(ImageDataset dataset, LabelLottery lottery)
    {
        for (var k = 0; k < dataset.Attributes.ClassCount; k++)
        {
            var name = dataset.Attributes.ClassNames[k];
            foreach (var label in (sbyte[])[1, 0])
            {
                var own = lottery.Draw(name, sample => sample.Labels[k] == label);
                foreach (var picture in Kept(own))
                    yield return (picture, k, 1);
            }
        }
    }

    private IEnumerable<(int Picture, int First, int Classes)> KeptCells(
        ImageDataset dataset, LabelLottery lottery, int group)
    {
        var (table, own) = (dataset.Attributes, dataset.Attributes.Groups[group]);
        for (var k = 0; k < own.Classes; k++)
        {
            var place = table.Offset(group) + k;
            foreach (var picture in Kept(lottery.Draw(own.Column, sample => sample.Labels[place] == 1)))
                yield return (picture, table.Offset(group), own.Classes);
        }
    }

    private IEnumerable<int> Kept(List<(double Number, int Picture)> drawn) => Kind == SimulationKind.Rps
        ? drawn.Where(one => one.Number >= Parameter).Select(one => one.Picture)
        : drawn.Order().Take((int)Parameter).Select(one => one.Picture);

    private void RequireSomethingToHide(IReadOnlyList<ClassFrequency> before)
    {
        var largest = before.MaxBy(frequency => frequency.Positives)!;
        if (largest.Positives < Parameter)
        {
            throw new InputException(
                $"{Term.Parameter} {Parameter.ToString(CultureInfo.InvariantCulture)}: no class has this many "
                    + $"positives (the most has '{largest.Name}', {largest.Positives}); give "
                    + $"{Math.Max(1, largest.Positives)} or less");
        }
    }
}

/// <summary>One number for every label, by seed, class and file.</summary>
internal sealed class LabelLottery(ImageDataset dataset, SeededRandom random, CancellationToken cancellation)
{
    /// <summary>Numbers from 0 to below 1 of the pictures that fulfil a condition.</summary>
    public List<(double Number, int Picture)> Draw(string name, Predicate<Sample> condition)
    {
        var own = random.Derive(name);
        cancellation.ThrowIfCancellationRequested();
        var drawn = new List<(double, int)>();
        for (var i = 0; i < dataset.Samples.Count; i++)
        {
            if (condition(dataset.Samples[i]))
                drawn.Add((own.Derive(dataset.Samples[i].File).NextDouble(), i));
        }
        return drawn;
    }
}
