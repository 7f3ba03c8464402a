using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>
/// <c>explain</c>: whether Grad-CAM's maps of drawn garments are highest where the part is, next to the same network
/// with random weights.
/// </summary>
internal static class ExplainBench
{
    private const int RandomNetworks = 5;
    private const string Usage = """
        explain WEIGHTS DIR    WEIGHTS of a model of drawn garments; DIR of 'flixstock synth --masks', not its training
        """;

    /// <summary>Prints a table: 0 done, 1 the weights or the folder cannot be read, 2 wrong arguments.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        if (arguments is not [var weights, var folder])
        {
            error.WriteLine(Usage);
            return 2;
        }
        try
        {
            Compare(weights, folder, output);
            return 0;
        }
        catch (Exception e) when (e is EngineException or InputException or IOException)
        {
            error.WriteLine(e.Message);
            return 1;
        }
    }

    private static void Compare(string weights, string folder, TextWriter output)
    {
        using var backend = Backend.Cpu();
        using var checkpoint = Checkpoint.Load(weights);
        output.WriteLine("part    weights    pictures  hits  blank  share  by chance  balanced accuracy");
        foreach (var part in GarmentParts.All)
        {
            var trained = Count(backend, checkpoint, folder, part);
            Line(output, part, "trained", trained);
            output.WriteLine("  " + string.Join(
                ", ", trained.Classes.Select(one => $"{one.Name} {one.Hits} of {one.Pictures}")));
            for (var seed = 1; seed <= RandomNetworks; seed++)
            {
                using var random = Random(backend, checkpoint, (ulong)seed);
                Line(output, part, $"random {seed}", Count(backend, random, folder, part));
            }
        }
    }

    private static PeakCount Count(Backend backend, Checkpoint checkpoint, string folder, GarmentPart part)
    {
        using var predictor = new Predictor(checkpoint, backend, new PredictorOptions { Explains = true });
        return PeakCount.Of(predictor, folder, part);
    }

    /// <summary>A model like another one whose weights are those that a training begins with.</summary>
    internal static Checkpoint Random(Backend backend, Checkpoint like, ulong seed)
    {
        using var network = like.Model.Create(backend);
        network.Initialize(seed);
        return new Checkpoint
        {
            State = network.ToStateDict(),
            Model = like.Model,
            Attributes = like.Attributes,
            Preparation = like.Preparation,
        };
    }

    private static void Line(TextWriter output, GarmentPart part, string weights, PeakCount count) =>
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{GarmentParts.Name(part),-7} {weights,-9} {count.Pictures,9} {count.Hits,5} {count.Blank,6} "
                + $"{count.Share,6:0.0%} {count.Chance,10:0.0%} {count.BalancedAccuracy,18:0.0%}"));
}
