using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// What an observer is told while a step is queued: phases, and inside them layers by their published names.
/// </summary>
public sealed class StepRangesTests
{
    private static readonly TResNetOptions Tiny =
        new() { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.125, Classes = 3 };

    [Test]
    public void ATrainingStepIsFourPhases()
    {
        var log = Record(training: true);
        Assert.That(log.Roots, Is.EqualTo(new[] { "forward", "loss", "backward", "optimizer" }));
        Assert.That(log.IsBalanced, Is.True);
    }

    [TestCase("forward")]
    [TestCase("backward")]
    public void EveryLayerHasItsRangeInBothDirections(string phase)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, Tiny);
        var names = network.Layers.Concat(network.Layers.SelectMany(layer => layer.Children))
            .Select(layer => layer.Name).Distinct().ToList();
        Assert.That(
            names, Does.Contain("body.layer1.0.conv1.0").And.Contain("body.layer3.0.se").And.Contain("head.fc"));
        Assert.That(names.Except(Record(training: true).Under(phase)), Is.Empty);
    }

    [Test]
    public void AForwardPassHasItsStepsNames() => Assert.That(
        Record(training: false).Roots, Does.Contain("body.conv1.0").And.Contain("head.fc").And.No.Member("forward"));

    [Test]
    public void WithoutNvtxThereAreNoRangesAndNoComplaint() => Assert.That(() =>
    {
        var ranges = NvtxRanges.Open();
        ranges?.Push("a range that nobody looks at");
        ranges?.Pop();
    }, Throws.Nothing);

    private static RangeLog Record(bool training)
    {
        using var backend = Backend.Cpu(1);
        var log = new RangeLog();
        using var step = new WatchedStep(
            backend.Watched(backend.Kernels, log), Tiny, batch: 2, imageSize: 32, training);
        step.Run();
        return log;
    }

    private sealed class RangeLog : IRangeObserver
    {
        private readonly List<(string Root, string Name)> _all = [];
        private readonly Stack<string> _open = new();

        public List<string> Roots { get; } = [];

        public bool IsBalanced => _open.Count == 0;

        public IEnumerable<string> Under(string root) =>
            _all.Where(range => range.Root == root).Select(range => range.Name);

        public void Push(string name)
        {
            if (_open.Count == 0)
                Roots.Add(name);
            _all.Add((Roots[^1], name));
            _open.Push(name);
        }

        public void Pop() => _open.Pop();
    }
}
