using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>The published networks as ONNX files, run by ONNX Runtime: the engine's probabilities.</summary>
[Parallelizable] // nothing is shared, nothing is counted
public sealed class OnnxVariantTests
{
    // Small, so that the four networks take seconds; 16, 8, 4 and 2 pixels are left after the stages.
    private const int Size = 64;

    [Test]
    public void TResNet_M_gives_the_engines_probabilities() => Check("tresnet_m");

    [Test, Category("slow")]
    public void The_larger_ones_do_too([Values("tresnet_l", "tresnet_xl", "tresnet_l_v2")] string name) => Check(name);

    private static void Check(string name)
    {
        using var backend = Backend.Cpu(2);
        using var folder = new TemporaryFolder();
        var (folded, checkpoint) = Open(backend, name);
        using (folded)
        {
            var options = new OnnxExportOptions { Preparation = new(Size) };
            Verify(folder, folded, checkpoint, options, pictures: 1);
            Verify(folder, folded, checkpoint, options with { Input = OnnxInput.Bytes, Batch = 5 }, pictures: 5);
            Verify(
                folder, folded, checkpoint,
                options with { Input = OnnxInput.Pictures, DynamicBatch = true }, pictures: 18);
            Verify(folder, folded, checkpoint, options with { Half = true }, pictures: 1);
        }
    }

    private static void Verify(
        TemporaryFolder folder, FoldedNetwork folded, Checkpoint checkpoint, OnnxExportOptions options, int pictures)
    {
        var file = folder["model.onnx"];
        OnnxExporter.Export(file, checkpoint, folded, options);
        var weights = checkpoint.State.Where(tensor => tensor.Type == StateType.F32).Sum(tensor => tensor.Count)
            * (options.Half ? 2 : 4);
        Assert.That(new FileInfo(file).Length, Is.LessThan(1.01 * weights), "size");
        var verification = new OnnxVerification(folded, options);
        verification.Run(file, threads: 2);
        TestContext.Out.WriteLine($"{folded.Description.Name} {options.Input} half={options.Half}: "
            + $"{verification.Difference:e2} of {verification.Tolerance:e2}, {verification.Pictures} pictures");
        Assert.That(verification.Passed, Is.True, $"{options}: {verification.Difference}");
        Assert.That(verification.Pictures, Is.EqualTo(pictures));
    }

    private static (FoldedNetwork Folded, Checkpoint Checkpoint) Open(Backend backend, string name)
    {
        using var network = new TResNet(backend, TResNetOptions.Variant(name, 21));
        HashedWeights.Fill(network);
        var checkpoint = new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.Garments,
            Preparation = new(Size),
        };
        return (new FoldedNetwork(network), checkpoint);
    }
}
