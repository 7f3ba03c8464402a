using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary><c>lab model</c>: what a step costs by calculation.</summary>
internal static class StepModelCommand
{
    /// <summary>The command.</summary>
    public static Command Create(TextWriter output)
    {
        var network = new Option<string>("--model")
        {
            DefaultValueFactory = _ => "tresnet_m",
            Description = "The network's name.",
        };
        var batch = Whole("--batch-size", 256, "Pictures of a step.");
        var size = Whole("--image-size", 224, "Height and width in pixels.");
        var infer = new Option<bool>("--infer") { Description = "A forward pass with folded norms." };
        var sums = new Option<bool>("--sums")
        {
            Description = "cuDNN adds up what it convolves (GenStats), so that no kernel reads it for its statistics.",
        };
        var calls = new Option<bool>("--calls") { Description = "Every call with its launches instead of parts." };
        var command = new Command(
            "model",
            "Launches, bytes and expected time of a step in bf16 on an H200, calculated from what the engine queues.")
        {
            network, batch, size, infer, sums, calls,
        };
        command.SetAction(parsed =>
        {
            var request = new StepModelRequest(
                NetworkCatalog.Describe(parsed.GetValue(network)!, classes: 21), parsed.GetValue(batch),
                parsed.GetValue(size), !parsed.GetValue(infer), Precision.Bf16,
                Sums: parsed.GetValue(sums));
            var modelled = StepModel.Calls(request);
            if (parsed.GetValue(calls))
                LabPages.ModelCalls(output, modelled);
            else
                LabPages.Model(output, StepModelParts.Of(modelled), request.Batch);
            return 0;
        });
        return command;
    }

    private static Option<int> Whole(string name, int standard, string description) =>
        new(name) { DefaultValueFactory = _ => standard, Description = description };
}
