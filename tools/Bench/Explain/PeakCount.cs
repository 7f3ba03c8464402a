using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>How often the highest place of a label's map lies where the part is that the label is about.</summary>
/// <param name="Pictures">Pictures that show the part.</param>
/// <param name="Hits">Of these, the ones with the highest place in the mask, grown by half a cell.</param>
/// <param name="Blank">Of these, the ones without a place that speaks for the label.</param>
/// <param name="Chance">Mean share of cells that would be hits.</param>
/// <param name="BalancedAccuracy">Of the attribute, over all pictures: the mean share of each class.</param>
internal sealed record PeakCount(int Pictures, int Hits, int Blank, double Chance, double BalancedAccuracy)
{
    /// <summary>Hits and pictures of each class that was drawn, by its name.</summary>
    public required IReadOnlyList<(string Name, int Hits, int Pictures)> Classes { get; init; }

    /// <summary>Share of the pictures that show the part.</summary>
    public double Share => (double)Hits / Pictures;

    /// <summary>Explains every picture that <c>synth --masks</c> drew into a folder.</summary>
    /// <param name="predictor">A predictor that explains.</param>
    /// <param name="folder">The data set.</param>
    /// <param name="part">The part that the attribute is about.</param>
    public static PeakCount Of(Predictor predictor, string folder, GarmentPart part)
    {
        var attribute = part == GarmentPart.Neck ? 0 : 1;
        var found = Rows(folder).Select(row => Look(predictor, folder, part, attribute, row)).ToList();
        var there = found.Where(one => one.Seen).ToList();
        return new PeakCount(
            there.Count, there.Count(one => one.Hit), there.Count(one => one.Blank),
            there.Average(one => one.Chance),
            found.GroupBy(one => one.Drawn).Average(group => group.Average(one => one.Right ? 1.0 : 0)))
        {
            Classes = [.. there.GroupBy(one => one.Drawn).OrderBy(group => group.Key).Select(group => (
                (part == GarmentPart.Neck ? GarmentNames.Necks : GarmentNames.Sleeves)[group.Key],
                group.Count(one => one.Hit), group.Count()))],
        };
    }

    private static Found Look(
        Predictor predictor, string folder, GarmentPart part, int attribute, (string File, int[] Drawn) row)
    {
        var path = Path.Combine(new DatasetLayout(folder).CleanedImages, row.File);
        var prediction = predictor.Predict(path);
        var map = prediction.Maps![attribute];
        var file = Path.Combine(
            GarmentSynthesizer.MaskFolder(folder, part), Path.ChangeExtension(row.File, ".png"));
        var mask = new PartMask(new Sample(file, file, []).Decode());
        return new Found(
            row.Drawn[attribute], prediction.Labels[attribute].ClassIndex == row.Drawn[attribute], !mask.IsEmpty,
            map.Peak is { } peak && mask.IsNear(peak, map.Width), map.Peak is null,
            mask.Chance(map));
    }

    private static IEnumerable<(string File, int[] Drawn)> Rows(string folder) =>
        File.ReadLines(Path.Combine(folder, GarmentSynthesizer.TrueLabels)).Skip(1).Select(line => line.Split(','))
            .Select(cells => (cells[0], cells[1..].Select(cell => int.Parse(cell, null)).ToArray()));

    private readonly record struct Found(int Drawn, bool Right, bool Seen, bool Hit, bool Blank, double Chance);
}
