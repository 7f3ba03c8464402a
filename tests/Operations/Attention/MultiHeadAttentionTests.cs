using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>What the layer refuses, drops and remembers.</summary>
public sealed class MultiHeadAttentionTests
{
    // Any layer that changes the probabilities.
    private static Activation Dropout => new("drop", ActivationKind.Sigmoid);

    [TestCase(12, 5)]
    [TestCase(12, 0)]
    [TestCase(12, -3)]
    public void HeadsThatCannotShareTheWidthAreRefused(int width, int heads) => Assert.That(
        () => new MultiHeadAttention("a", width, heads),
        Throws.InstanceOf<ArgumentException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo("heads"));

    // A GPU's libraries could not read the parts of the projections.
    [TestCase(6, 2)]
    [TestCase(0, 1)]
    public void AWidthThatNoGpuTakesIsRefusedEverywhere(int width, int heads) => Assert.That(
        () => new MultiHeadAttention("a", width, heads),
        Throws.ArgumentException.With.Property(nameof(ArgumentException.ParamName)).EqualTo("width"));

    [Test]
    public void ShapesThatDoNotFitAreNamed()
    {
        var layer = new MultiHeadAttention("decoder.attn", 12, 3);
        var (target, memory) = (new Shape(2, 5, 12), new Shape(2, 7, 12));
        Assert.That(layer.OutputShape(target, memory), Is.EqualTo(target));
        foreach (var (wrongTarget, wrongMemory, named) in new[]
        {
            (new Shape(2, 5, 11), memory, "target"), (new Shape(10, 12), memory, "target"),
            (target, new Shape(2, 7, 8), "memory"), (target, new Shape(3, 7, 12), "memory"),
        })
        {
            Assert.That(
                () => layer.OutputShape(wrongTarget, wrongMemory),
                Throws.InstanceOf<ShapeException>().With.Message.Contains("'decoder.attn'")
                    .And.Message.Contains($": {named} has shape"));
        }
    }

    [Test]
    public void ADropoutInPlaceIsRefused() => Assert.That(
        () => new MultiHeadAttention("a", 12, 3) { ProbabilityDropout = new InplaceAbn("drop", 4, slope: 0.1f) },
        Throws.ArgumentException.With.Message.Contains("'drop'"));

    [Test]
    public void ParametersHaveThePublishedNamesAndShapes()
    {
        var layer = new MultiHeadAttention("m", 12, 3) { ProbabilityDropout = Dropout };
        Assert.That(
            layer.AllParameters.Select(parameter => $"{parameter.Name} {parameter.PublishedShape}"),
            Is.EqualTo(new[]
            {
                "m.in_proj_weight [36, 12]", "m.in_proj_bias [36]", "m.out_proj.weight [12, 12]",
                "m.out_proj.bias [12]",
            }));
    }

    // Training: with dropout; else without. The probabilities are those before it.
    [Test]
    public void OnlyTrainingDropsAndProbabilitiesStayAsTheyWere([Values] bool training)
    {
        using var backend = Backend.Cpu(2);
        var layer = new MultiHeadAttention("a", 8, 2) { ProbabilityDropout = Dropout };
        var (plain, buffer) = (new MultiHeadAttention("a", 8, 2), Filled(backend, layer));
        using var other = Filled(backend, plain);
        using (buffer)
        {
            var (target, memory) = (Random(backend, new Shape(3, 4, 8), 5), Random(backend, new Shape(3, 6, 8), 6));
            using var arena = new DynamicArena(backend.Device);
            var pass = new Pass(backend.Kernels, arena, training);
            var (dropped, whole) = (layer.Forward(pass, target, memory), plain.Forward(pass, target, memory));
            var equal = backend.Device.ToHost<float>(dropped).SequenceEqual(backend.Device.ToHost<float>(whole));
            Assert.That(equal, Is.EqualTo(!training));
            Assert.That(layer.Probabilities.Shape, Is.EqualTo(new Shape(3, 2, 4, 6)));
            var probabilities = backend.Device.ToHost<float>(layer.Probabilities);
            Assert.That(probabilities, Same.As(backend.Device.ToHost<float>(plain.Probabilities)));
            foreach (var row in probabilities.Chunk(6))
                Assert.That(row.Sum(), Is.EqualTo(1).Within(1e-6));
        }
    }

    // The batch decides how the work is cut, and nothing else.
    [Test]
    public void APicturesBitsDoNotDependOnItsBatch([Values(1, 3)] int threads)
    {
        const int Pictures = 5, Queries = 21, Pixels = 49, Width = 96;
        using var backend = Backend.Cpu(threads);
        var layer = new MultiHeadAttention("a", Width, 8);
        using var buffer = Filled(backend, layer);
        var target = Random(backend, new Shape(Pictures, Queries, Width), 5);
        var memory = Random(backend, new Shape(Pictures, Pixels, Width), 6);
        using var arena = new DynamicArena(backend.Device);
        var pass = new Pass(backend.Kernels, arena, Training: false);
        var all = backend.Device.ToHost<float>(layer.Forward(pass, target, memory));
        for (var n = 0; n < Pictures; n++)
        {
            var alone = layer.Forward(
                pass, target.Slice((long)n * Queries * Width, new Shape(1, Queries, Width)),
                memory.Slice((long)n * Pixels * Width, new Shape(1, Pixels, Width)));
            Assert.That(
                backend.Device.ToHost<float>(alone),
                Same.As(all[(n * Queries * Width)..((n + 1) * Queries * Width)]), $"picture {n}");
        }
    }

    // Everything that a pass takes is given back in the backward pass, but for the output, which is the caller's.
    [Test]
    public void ABackwardPassGivesAllMemoryBack([Values] bool training)
    {
        using var backend = Backend.Cpu(1);
        var layer = new MultiHeadAttention("a", 8, 2) { ProbabilityDropout = Dropout };
        using var buffer = Filled(backend, layer);
        var arena = new RecordingArena();
        var pass = new Pass(NullKernels.Create(), arena, training);
        var (target, memory) = (arena.Take(new Shape(3, 4, 8)), arena.Take(new Shape(3, 6, 8)));
        var output = layer.Forward(pass, target, memory);
        var kept = arena.Lifetimes.Count(tensor => tensor.Released == int.MaxValue);
        // Target, memory and output, queries, keys, values and what they make; with dropout two kinds of probabilities.
        Assert.That(kept, Is.EqualTo(training ? 9 : 8));
        layer.Backward(pass, output, Tensor.None, false, memory, accumulateMemory: true);
        foreach (var tensor in new[] { target, memory, output })
            arena.Release(tensor);
        Assert.That(arena.Lifetimes.Select(tensor => tensor.Released), Has.None.EqualTo(int.MaxValue));
    }

    [Test]
    public void OtherTypesAreRefused()
    {
        using var backend = Backend.Cpu(1);
        var layer = new MultiHeadAttention("a", 8, 2);
        using var arena = new DynamicArena(backend.Device);
        var pass = new Pass(backend.Kernels, arena, Training: false);
        var (target, memory) = (arena.Take(new Shape(1, 2, 8)), arena.Take(new Shape(1, 2, 8), ElementType.BFloat16));
        Assert.That(
            () => layer.Forward(pass, target, memory),
            Throws.ArgumentException.With.Message.Contains("BFloat16").And.Message.Contains("'a'"));
    }

    private static ParameterBuffer Filled(Backend backend, Layer layer)
    {
        var buffer = new ParameterBuffer(backend.Device, [.. layer.AllParameters]);
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, (int)buffer.Values.Count).Select(_ => random.NextSingle() - 0.5f)];
        backend.Device.CopyFromHost<float>(values, buffer.Values);
        return buffer;
    }

    private static Tensor Random(Backend backend, Shape shape, int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, (int)shape.Count).Select(_ => 4 * random.NextSingle() - 2)];
        return backend.Device.FromHost<float>(values, shape);
    }
}
