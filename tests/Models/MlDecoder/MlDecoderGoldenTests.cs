using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>The attention head against numbers of the published implementation, in evaluation mode.</summary>
public sealed class MlDecoderGoldenTests
{
    private static IEnumerable<JsonElement> Facts => Golden.Json("model/ml_decoder.json").EnumerateArray();

    private static IEnumerable<TestCaseData> Cases() => Golden.Cases(
        () => from one in Facts
              from backend in Kinds.All
              select new TestCaseData(backend, one.GetProperty("name").GetString()),
        ["cpu", "few_classes"]);

    [TestCaseSource(nameof(Cases))]
    public void ScoresAndGradientsAgreeWithThePublishedHead(string kind, string name)
    {
        var facts = Facts.Single(one => one.GetProperty("name").GetString() == name);
        int Number(string property) => facts.GetProperty(property).GetInt32();
        var golden = Golden.KeptTensors("model/ml_decoder.safetensors");
        var options = new MlDecoderOptions(
            Number("groups") > 0 ? Number("groups") : new MlDecoderOptions().Queries, Number("embedding"));
        Assert.That(options.QueriesFor(Number("classes")), Is.EqualTo(Number("queries")));
        using var backend = Kinds.Open(kind);
        using var head = new HeadUnderTest(
            backend, new MlDecoderHead("head", Number("features"), Number("classes"), options),
            own => golden[$"{name}.{own["head.".Length..]}"]);
        Assert.That(
            head.Names.Select(own => own["head.".Length..]),
            Is.EquivalentTo(facts.GetProperty("names").EnumerateArray().Select(own => own.GetString())));
        head.Check(
            golden, name + ".input", name + ".input_gradient", own => $"{name}.grad.{own["head.".Length..]}");
    }
}
