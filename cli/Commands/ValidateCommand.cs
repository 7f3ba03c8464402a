using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock validate</c>: how well a checkpoint does on a part of a data set.</summary>
internal static class ValidateCommand
{
    public static Command Create(TextWriter output)
    {
        var data = Options.Required("--data", "folder that 'flixstock split' has prepared");
        var weights = Options.Required("--weights", "checkpoint, as run/best.safetensors");
        var part = Options.Choice("--split", "val", "which part", "val", "test");
        var threshold = Options.Number("--thre", Evaluator.DefaultThreshold, "a probability above it is a prediction");
        var json = Options.Text("--json", "file to write all numbers to");
        var reference = Options.Flag("--reference-metrics", "also print the reference project's own precision and recall, which count unknown labels wrongly");
        var (threads, device) = (Options.Threads(), Options.Device());
        var command = new Command("validate", "Measure a checkpoint on annotated labels.\n\nExample:\n  flixstock validate --data data --weights run/best.safetensors")
        {
            data, weights, part, threshold, json, reference, threads, device,
        };
        command.SetAction(arguments =>
        {
            using var backend = Options.Open(arguments.GetValue(device)!, arguments.GetValue(threads));
            var report = Run(output, backend, arguments.GetValue(data)!, arguments.GetValue(weights)!, arguments.GetValue(part)!, (float)arguments.GetValue(threshold));
            if (arguments.GetValue(reference))
                output.WriteLine("reference P_C R_C F_C P_O R_O F_O: " + string.Join(' ', report.Reference.Printed));
            if (arguments.GetValue(json) is { } file)
                Files.WriteAtomically(file, report.ToJson() + "\n");
            return 0;
        });
        return command;
    }

    public static EvaluationReport Run(TextWriter output, Backend backend, string data, string weights, string part, float threshold)
    {
        var checkpoint = Checkpoint.Load(weights);
        var dataset = ImageDataset.LoadSplit(data, part);
        checkpoint.RequireSameAttributes(dataset.Attributes, data);
        using var network = FoldedNetwork.From(checkpoint.State, checkpoint.Model, backend);
        using var loader = new BatchLoader(dataset.Samples, dataset.Attributes.ClassCount, new BatchLoaderOptions
        {
            ImageSize = checkpoint.ImageSize,
            Filter = checkpoint.Resize,
            ExifRotate = checkpoint.ExifRotate,
        });
        var scores = NetworkScorer.Score(network, loader, dataset.Samples.Count);
        var report = Evaluator.Evaluate(scores, NetworkScorer.Labels(dataset), dataset.Attributes, threshold);
        Print(output, report);
        return report;
    }

    private static void Print(TextWriter output, EvaluationReport report)
    {
        output.WriteLine($"mAP over annotated labels        {report.MeanAveragePrecision:F2}");
        output.WriteLine($"reference mAP (unknown = negative) {report.ReferenceMeanAveragePrecision:F2}");
        var (macro, micro) = (report.AtThreshold.Macro, report.AtThreshold.Micro);
        output.WriteLine($"macro at {report.AtThreshold.Threshold:g2}: precision {macro.Precision:F2}, recall {macro.Recall:F2}, F1 {macro.F1:F2}");
        output.WriteLine($"micro at {report.AtThreshold.Threshold:g2}: precision {micro.Precision:F2}, recall {micro.Recall:F2}, F1 {micro.F1:F2}");
        foreach (var attribute in report.Attributes)
        {
            output.WriteLine(
                $"{attribute.Name}: accuracy {attribute.Accuracy:F2} (always the commonest class {attribute.CommonestAccuracy:F2}), balanced accuracy {attribute.BalancedAccuracy:F2} ({attribute.CommonestBalancedAccuracy:F2}), macro-F1 {attribute.MacroF1:F2} ({attribute.CommonestMacroF1:F2}), {attribute.Annotated} annotated");
        }
        for (var k = 0; k < report.ClassNames.Count; k++)
            output.WriteLine($"  AP {report.ClassNames[k],-28}{(report.Annotated.Ap[k] < 0 ? "-" : report.Annotated.Ap[k].ToString("F4")),8}");
    }
}
