using System.CommandLine;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>
/// <c>gradients</c>: the error of one training step's gradients, ours and PyTorch's autocast, both against float64, of
/// the same weights and batch.
/// </summary>
internal static class GradientCommand
{
    private const double MostRatio = 1.5;

    public static Command Create(TextWriter output, Session session)
    {
        var work = new WorkOptions();
        var batch =
            new Option<int>("--batch-size") { DefaultValueFactory = _ => 32, Description = "Pictures of the step." };
        var bound = new Option<double>("--most")
        {
            DefaultValueFactory = _ => MostRatio,
            Description = "Largest ratio of our error to PyTorch's that passes.",
        };
        var command = new Command(
            "gradients",
            "Compare the error of our gradients with that of PyTorch's autocast, against float64 (--python is needed).")
        {
            batch, bound,
        };
        work.AddTo(command);
        command.SetAction(parsed =>
        {
            var backend = session.Open(work.Device(parsed));
            var load = new Workload(backend, work.Model(parsed), parsed.GetValue(work.Size), steps: 1);
            var torch = work.Peer(parsed, load)
                ?? throw new InputException("gradients needs --python, a Python with PyTorch");
            var folder = Directory.CreateTempSubdirectory("flixstock-gradients-").FullName;
            try
            {
                return Compare(output, load, torch, folder, parsed.GetValue(batch), parsed.GetValue(bound)) ? 0 : 1;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static bool Compare(
        TextWriter output, Workload work, TorchPeer torch, string folder, int batch, double bound)
    {
        output.WriteLine($"{work.Name}, batch {batch}, {work.Backend.Precision.Name()}: {work.Backend.Device.Name} and "
            + $"{torch.Version}, both against {torch.Version} in float64");
        var ours = GradientStep.Compute(work, batch, folder);
        output.Write(torch.Gradients(folder));
        var (exact, theirs) = (
            SafetensorsFile.Read(Path.Combine(folder, "float64.safetensors")),
            SafetensorsFile.Read(Path.Combine(folder, "autocast.safetensors")));
        var errors = exact.Select(tensor => GradientErrors.Of(tensor, ours[tensor.Name], theirs[tensor.Name])).ToList();
        output.WriteLine("| gradients | our error | PyTorch's | ratio |");
        output.WriteLine("| --- | --- | --- | --- |");
        foreach (var error in errors.OrderByDescending(error => error.Ratio).Take(5))
            Print(output, error.Name, error.Ours, error.Theirs);
        var all = (
            Ours: Math.Sqrt(errors.Sum(error => error.OurSquares) / errors.Sum(error => error.Squares)),
            Theirs: Math.Sqrt(errors.Sum(error => error.TheirSquares) / errors.Sum(error => error.Squares)));
        var median = (
            Ours: GradientErrors.Median(errors.Select(error => error.Ours)),
            Theirs: GradientErrors.Median(errors.Select(error => error.Theirs)));
        Print(output, $"median of {errors.Count} parameters", median.Ours, median.Theirs);
        Print(output, "all as one vector", all.Ours, all.Theirs);
        var good = median.Ours <= bound * median.Theirs && all.Ours <= bound * all.Theirs;
        output.WriteLine(good
            ? $"the last two are within {bound:0.0} times PyTorch's"
            : $"FAILED: one of the last two is more than {bound:0.0} times PyTorch's");
        return good;
    }

    private static void Print(TextWriter output, string name, double ours, double theirs) =>
        output.WriteLine($"| {name} | {ours:g3} | {theirs:g3} | {ours / theirs:0.00} |");
}

/// <summary>Errors of one parameter's gradient, relative to its norm in float64.</summary>
/// <param name="Name">Published name.</param>
/// <param name="Squares">Sum of the squared float64 gradient.</param>
/// <param name="OurSquares">Sum of our squared errors.</param>
/// <param name="TheirSquares">Sum of PyTorch's squared errors.</param>
internal sealed record GradientErrors(string Name, double Squares, double OurSquares, double TheirSquares)
{
    public double Ours => Math.Sqrt(OurSquares / Squares);

    public double Theirs => Math.Sqrt(TheirSquares / Squares);

    public double Ratio => Ours / Theirs;

    /// <summary>Of one parameter.</summary>
    public static GradientErrors Of(StateTensor exact, StateTensor ours, StateTensor theirs)
    {
        var (right, own, other) = (exact.ToFloats(), ours.ToFloats(), theirs.ToFloats());
        double squares = 0, ourSquares = 0, theirSquares = 0;
        for (var i = 0; i < right.Length; i++)
        {
            squares += (double)right[i] * right[i];
            ourSquares += Math.Pow((double)own[i] - right[i], 2);
            theirSquares += Math.Pow((double)other[i] - right[i], 2);
        }
        return new GradientErrors(exact.Name, squares, ourSquares, theirSquares);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
