using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

public class PartialLossGoldenTests
{
    private static StateDict File => Golden.KeptTensors("loss/partial.safetensors");

    private static IEnumerable<TestCaseData> Cases() => Golden.Cases(
        () => Golden.Json("loss/partial.json").GetProperty("cases").EnumerateArray().SelectMany(
            item => TestTensors.Backends.Select(
                backend => new TestCaseData(backend, item.GetProperty("name").GetString()!, item))),
        TestTensors.Backends.Select(backend => new object?[] { backend, "", default(JsonElement) }));

    [TestCaseSource(nameof(Cases))]
    public void ALossForUnknownLabelsIsThePublishedOne(string kind, string name, JsonElement item)
    {
        using var backend = TestTensors.Open(kind);
        var shape = new Shape(7, 9);
        var (options, epoch) = Options(item.GetProperty("args"));
        var (loss, gradient) = PartialLossUnderTest.Run(
            backend,
            backend.Device.FromHost<float>(File["logits"].ToFloats(), shape),
            Labels(backend.Device, shape, options.LabelType),
            options,
            epoch);
        // The engine adds up what some of the published programs average.
        var terms = item.GetProperty("reduction").GetString() == "mean" ? shape.Count : 1;
        var expected = item.GetProperty("loss_f64").GetDouble() * terms;
        Assert.That(loss, Is.EqualTo(expected).Within(2e-6 * Math.Abs(expected)), name);
        var slopes = File[item.GetProperty("id").GetString() + ".grad_f64"].ToFloats();
        float[] expectedGradient = [.. slopes.Select(slope => slope * terms)];
        TestTensors.AssertClose(
            gradient, expectedGradient, 3e-6 * expectedGradient.Max(Math.Abs), $"{name}: gradient");
    }

    private static Tensor Labels(Device device, Shape shape, ElementType type) => type == ElementType.Float32
        ? device.FromHost<float>(File["labels_apl"].ToFloats(), shape)
        : device.FromHost<sbyte>(
            Array.ConvertAll(File["labels"].ToIntegers(), label => (sbyte)label), shape, ElementType.Int8);

    private static (PartialLossOptions Options, int Epoch) Options(JsonElement args)
    {
        float Number(string name) => (float)args.GetProperty(name).GetDouble();
        EpochRange Always(string name) => new(Number(name), Number(name));
        bool Has(string name) => args.TryGetProperty(name, out _);
        if (Has("lambda"))
        {
            return (new(PartialLossKind.Hill)
            {
                Lambda = Number("lambda"),
                Margin = Number("margin"),
                Gamma = Number("gamma"),
            }, 1);
        }
        if (Has("tau")) // its epochs begin at 0
        {
            return (new(PartialLossKind.Splc)
            {
                Threshold = Number("tau"),
                FirstEpoch = (int)Number("change_epoch") + 1,
                Margin = Number("margin"),
                Gamma = Number("gamma"),
            }, (int)Number("epoch") + 1);
        }
        if (Has("beta"))
            return (new(PartialLossKind.EmApl) { Alpha = Number("alpha"), Beta = Number("beta") }, 1);
        if (Has("alpha"))
            return (new(PartialLossKind.Em) { Alpha = Number("alpha") }, 1);
        if (Has("q2"))
        {
            return (new(PartialLossKind.Gr)
            {
                Q2 = Number("q2"),
                Q3 = Number("q3"),
                Slope = Always("w"),
                Offset = Always("b"),
                Mean = Always("mu"),
                Deviation = Always("sigma"),
            }, 1);
        }
        // A rate of 10 % an epoch: a clean rate of 0.8 is the third.
        var scheme = args.GetProperty("scheme").GetString();
        var kind = scheme switch
        {
            "LL-R" => PartialLossKind.LargeLossR,
            "LL-Ct" => PartialLossKind.LargeLossCt,
            _ => PartialLossKind.LargeLossCp,
        };
        return (new(kind) { Rate = 100 * Number("delta") }, 1 + (int)Math.Round((1 - Number("clean_rate")) / 0.1));
    }
}
