using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>Weak assumed negatives against numbers of NumPy, made by <c>tools/peers/wan_numbers.py</c>.</summary>
public sealed class WeakNegativesTests
{
    private static IEnumerable<TestCaseData> Cases() => Golden.Cases(
        () => TestTensors.Backends.SelectMany(kind => new[] { 0, 1 }.Select(number => new TestCaseData(kind, number))),
        TestTensors.Backends.Select(kind => new object?[] { kind, 0 }));

    [TestCaseSource(nameof(Cases))]
    public void UnknownLabelsAreNegativesThatWeighLittle(string kind, int number)
    {
        using var backend = TestTensors.Open(kind);
        var file = Golden.Json("loss/wan.json");
        var item = file.GetProperty("cases")[number];
        var shape = new Shape(file.GetProperty("pictures").GetInt32(), file.GetProperty("classes").GetInt32());
        var (loss, gradient) = PartialLossUnderTest.Run(
            backend,
            backend.Device.FromHost<float>(Numbers(file, "logits"), shape),
            backend.Device.FromHost<sbyte>(
                Array.ConvertAll(Numbers(item, "labels"), label => (sbyte)label), shape, ElementType.Int8),
            new PartialLossOptions(PartialLossKind.Wan),
            epoch: 1);
        var expected = item.GetProperty("loss").GetDouble();
        Assert.That(loss, Is.EqualTo(expected).Within(2e-6 * expected));
        var slopes = Numbers(item, "gradient");
        TestTensors.AssertClose(gradient, slopes, 2e-6 * slopes.Max(Math.Abs), "gradient");
    }

    private static float[] Numbers(JsonElement file, string name) =>
        [.. file.GetProperty(name).EnumerateArray().Select(number => (float)number.GetDouble())];
}
