using System.Reflection;
using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Operations;

/// <summary>What calls are said to cost, and that timing them makes nobody wait.</summary>
public sealed class OperationCostTests
{
    private static readonly Shape Activations = new(2, 4, 4, 8); // 256 values

    private static Tensor Bf16 => new(64, Activations, ElementType.BFloat16);

    private static Tensor Vector => new(64, new Shape(8));

    private static IEnumerable<MethodInfo> Members => typeof(IKernels).GetMethods();

    [TestCaseSource(nameof(Members))]
    public void EveryAttributeNamesArgumentsOfItsMember(MethodInfo member)
    {
        Assert.That(() => new OperationFacts(member), Throws.Nothing);
        var destinations = member.GetParameters().Where(parameter => parameter.ParameterType == typeof(Tensor));
        var read = member.GetCustomAttribute<ReadsAttribute>()?.Destinations ?? [];
        Assert.That(read, Is.SubsetOf(destinations.Select(parameter => parameter.Name!)), "sources count anyway");
    }

    [Test]
    public void ANameThatNoArgumentHasIsAnError() => Assert.That(
        () => new OperationFacts(typeof(Misnamed).GetMethods().Single()),
        Throws.ArgumentException.With.Message.Contains("Square").And.Message.Contains("'outptu'"));

    [Test]
    public void ACopyReadsAndWrites() =>
        Assert.That(OperationCost.Bytes("Copy", [(ReadOnlyTensor)Bf16, Bf16]), Is.EqualTo(2 * 512));

    [Test]
    public void WhatIsAddedToIsReadToo()
    {
        Assert.That(OperationCost.Bytes("Add", [(ReadOnlyTensor)Bf16, Bf16]), Is.EqualTo(3 * 512));
        var added = OperationCost.Bytes("AveragePoolBackward", [(ReadOnlyTensor)Vector, true, Bf16]);
        var written = OperationCost.Bytes("AveragePoolBackward", [(ReadOnlyTensor)Vector, false, Bf16]);
        Assert.That(added - written, Is.EqualTo(512));
        Assert.That(OperationCost.Bytes("PriorAccumulate", [(ReadOnlyTensor)Bf16, Vector]), Is.EqualTo(512 + 2 * 32));
    }

    // dy is read and dx written over it.
    [Test]
    public void WhatIsDoneInPlaceReadsAndWrites()
    {
        ReadOnlyTensor source = Bf16, vectors = new Tensor(64, new Shape(2, 8));
        var bytes = OperationCost.Bytes("ActivationBackward", [source, ActivationKind.Relu, Bf16]);
        Assert.That(bytes, Is.EqualTo(3 * 512));
        bytes = OperationCost.Bytes("ExciteBackwardApply", [vectors, vectors, Bf16]);
        Assert.That(bytes, Is.EqualTo((2 * 512) + (2 * 64)));
        bytes = OperationCost.Bytes("ScaleLoss", [(ReadOnlyTensor)Vector, Bf16]);
        Assert.That(bytes, Is.EqualTo(32 + (2 * 512)));
    }

    // Two passes: y and dy for the sums, y and dy again and dx.
    [Test]
    public void AbnBackwardReadsTwice()
    {
        var vectors = new Tensor(64, new Shape(4, 8));
        ReadOnlyTensor source = Bf16, normalization = vectors, small = Vector;
        var bytes = OperationCost.Bytes(
            "AbnBackward", [source, normalization, small, small, 1e-5f, 0.01f, true, Bf16, Vector, Vector]);
        Assert.That(bytes, Is.EqualTo((5 * 512) + (4 * 32) + (4 * 32)));
        bytes = OperationCost.Bytes("IdentityAbnBackward", [source, normalization, small, true, Bf16, Vector, Vector]);
        Assert.That(bytes, Is.EqualTo((5 * 512) + (4 * 32) + (3 * 32)));
    }

    // x, y and dy for the sums with d over dy, then x and d again and dx.
    [Test]
    public void TheEndOfABlockReadsTwiceToo()
    {
        ReadOnlyTensor source = Bf16, normalization = new Tensor(64, new Shape(4, 8)), small = Vector;
        var bytes = OperationCost.Bytes(
            "AbnResidualReluBackward", [source, source, normalization, small, true, Bf16, Bf16, Vector, Vector]);
        Assert.That(bytes, Is.EqualTo((7 * 512) + (4 * 32) + (3 * 32)));
    }

    // Gradients read; parameters, two moments and the average read and written; the 16-bit copy written.
    [Test]
    public void AnOptimizersStepTouchesEveryBuffer()
    {
        var flat = new Tensor(64, new Shape(256));
        var low = new LowPrecisionStep(flat, Vector, Vector, new Tensor(64, flat.Shape, ElementType.BFloat16));
        ReadOnlyTensor gradients = flat, schedule = Vector, skip = Vector;
        var bytes = OperationCost.Bytes(
            "AdamStep",
            [gradients, schedule, skip, null, null, new AdamOptions(), low, Vector, flat, flat, flat, flat]);
        Assert.That(bytes, Is.EqualTo((9 * 1024) + 512 + (3 * 32)));
    }

    private static IEnumerable<TestCaseData> Multiplications()
    {
        ReadOnlyTensor input = Bf16, weight = new Tensor(64, new Shape(16, 3, 3, 8), ElementType.BFloat16);
        ReadOnlyTensor output = new Tensor(64, new Shape(2, 4, 4, 16)), none = ReadOnlyTensor.None;
        var geometry = new ConvolutionGeometry(1, 1);
        const long Convolved = 2L * 32 * 16 * 9 * 8;
        yield return Case("ConvolutionForward", Convolved, input, weight, geometry, Written(output));
        yield return Case("ConvolutionFolded", Convolved, input, weight, none, none, geometry, 0f, Written(output));
        yield return Case("ConvolutionBackwardData", Convolved, output, weight, geometry, false, Written(input));
        yield return Case("ConvolutionBackwardWeight", Convolved, input, output, geometry, Written(weight));
        ReadOnlyTensor vectors = new Tensor(64, new Shape(5, 8)), matrix = new Tensor(64, new Shape(3, 8));
        ReadOnlyTensor products = new Tensor(64, new Shape(5, 3));
        const long Multiplied = 2L * 5 * 3 * 8;
        yield return Case("LinearForward", Multiplied, vectors, matrix, none, ActivationKind.Relu, Written(products));
        yield return Case("LinearBackwardData", Multiplied, products, matrix, false, Written(vectors));
        yield return Case("LinearBackwardWeight", Multiplied, vectors, products, Written(matrix), Tensor.None);
        // A query takes the keys of its own picture.
        ReadOnlyTensor query = new Tensor(64, new Shape(2, 3, 8)), key = new Tensor(64, new Shape(2, 7, 8));
        ReadOnlyTensor weights = new Tensor(64, new Shape(2, 4, 3, 7));
        const long Attended = 2L * 2 * 3 * 7 * 8;
        yield return Case("AttentionWeightsForward", Attended, query, key, 4, Written(weights));
        yield return Case(
            "AttentionWeightsBackward", 2 * Attended, query, key, weights, 4, Written(weights), Written(query),
            Written(key));
        yield return Case("AttentionValuesForward", Attended, weights, key, 4, Written(query));
        yield return Case(
            "AttentionValuesBackward", 2 * Attended, weights, key, query, 4, Written(weights), Written(key));
    }

    [TestCaseSource(nameof(Multiplications))]
    public void AMultiplicationAndAnAdditionAProduct(string operation, long expected, object[] arguments) =>
        Assert.That(OperationCost.Operations(operation, arguments), Is.EqualTo(expected));

    [Test]
    public void WhereNothingIsMultipliedMemoryIsWhatCounts() =>
        Assert.That(OperationCost.Operations("Add", [(ReadOnlyTensor)Bf16, Bf16]), Is.Zero);

    [Test]
    public void ATimedCallStaysQueuedUntilItsTimeIsAsked()
    {
        using var gpu = new EmulatedGpu();
        var timed = TimedKernels.Create(gpu.Backend);
        var tensor = gpu.Device.Allocate(Activations);
        gpu.Device.Synchronize();
        timed.Fill(1, tensor);
        Assert.That(gpu.Driver.Queues.Streams[gpu.Device.Stream].Work, Is.Not.Empty, "somebody waited");
        var time = TimedKernels.Times(timed).Single();
        Assert.That((time.Name, time.Calls, time.Bytes), Is.EqualTo(("Fill", 1, 1024L)));
        Assert.That(time.Milliseconds, Is.GreaterThanOrEqualTo(0));
        Assert.That(gpu.Driver.Queues.Streams[gpu.Device.Stream].Work, Is.Empty);
        TimedKernels.Stop(timed);
    }

    private static Tensor Written(ReadOnlyTensor tensor) => new(tensor.Address, tensor.Shape, tensor.Type);

    private static TestCaseData Case(string operation, long expected, params object[] arguments) =>
        new TestCaseData(operation, expected, arguments).SetArgDisplayNames(operation);

    private interface Misnamed
    {
        [Reads("outptu")]
        void Square(ReadOnlyTensor input, Tensor output);
    }
}
