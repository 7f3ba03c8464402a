using Flixstock.Engine;
using Flixstock.Tests.Training;

namespace Flixstock.Tests.Models;

/// <summary>
/// Every network of the engine is found by its name, a checkpoint's description makes it again, and it can be trained,
/// folded and exported.
/// </summary>
public sealed class NetworkCatalogTests
{
    private const int Size = 32, Classes = 3;

    private static IEnumerable<Type> Families() => typeof(INetworkFamily).Assembly.GetTypes()
        .Where(type => type.IsClass && type.IsAssignableTo(typeof(INetworkFamily)));

    [TestCaseSource(nameof(Families))]
    public void EveryFamilyOfTheEngineIsInTheCatalogue(Type type)
    {
        var family = Make(type);
        Assert.That(
            family.VariantNames, Is.Not.Empty.And.SubsetOf(NetworkCatalog.VariantNames),
            "give it a line in NetworkCatalog");
        foreach (var name in family.VariantNames)
        {
            var description = NetworkCatalog.Describe(name, Classes);
            Assert.That((description.Family, description.Classes), Is.EqualTo((family.Name, Classes)));
            var again = NetworkCatalog.FromJson(NetworkCatalog.ToJson(description));
            Assert.That(again.DifferencesFrom(description), Is.Empty);
        }
    }

    [TestCaseSource(nameof(Families))]
    public void ItTakesAStepAndItsFoldedFormAgrees(Type type)
    {
        using var backend = Backend.Cpu(2);
        var description = Make(type).Describe(Make(type).VariantNames[0], Classes, new NetworkSettings())!;
        using var network = description.Create(backend);
        network.Initialize(1);
        using (var loss = new SelectiveLoss(backend))
        {
            var options = TinyTraining.Options.Steps(new OneCycleSchedule(1e-3, 10), 4);
            using var step = new TrainingStep(network, loss, options);
            step.Run(NoiseBatch.Of(options.BatchSize, Size, Classes), 1);
            Assert.That(backend.Device.ToHost<float>(network.Buffer.Gradients), Has.Some.Not.Zero.And.All.Not.NaN);
        }
        var pixels = Enumerable.Range(0, Size * Size * 3).Select(i => (byte)(i * 7)).ToArray();
        using var arena = new DynamicArena(backend.Device);
        var input = backend.Device.FromHost<byte>(pixels, new Shape(1, Size, Size, 3), ElementType.UInt8);
        var expected = backend.Device.ToHost<float>(network.Forward(backend.NewPass(arena, training: false), input));
        using var folded = new FoldedNetwork(network);
        var scores = new float[Classes];
        folded.Run(pixels, 1, Size, Size, scores);
        TestTensors.AssertClose(expected, scores, 1e-3, "folded");
        using var folder = new TemporaryFolder();
        OnnxExporter.Export(folder["model.onnx"], folded, new OnnxExportOptions { Preparation = new(Size) });
    }

    private static INetworkFamily Make(Type type) => (INetworkFamily)Activator.CreateInstance(type, nonPublic: true)!;
}
