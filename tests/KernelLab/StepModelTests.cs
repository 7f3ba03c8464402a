using System.Globalization;
using Flixstock.Engine;
using Flixstock.KernelLab;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Laboratory;

/// <summary>The calculated costs of a step in docs/kernels.md are those of what the engine queues today.</summary>
[NonParallelizable]
public sealed class StepModelTests
{
    private const int Classes = 21, Batch = 256, ImageSize = 224;

    [OneTimeSetUp]
    public void UseTheTestsCache()
    {
        NvrtcRequired.Open();
        LabDevice.CacheFolder = EmulatedGpu.CacheFolder;
    }

    [TestCase(0, true, false, 550, 60)]
    [TestCase(1, true, true, 550, 57)]
    [TestCase(2, false, false, 110, 12.2)]
    public void TheTableIsTodays(int table, bool training, bool sums, int mostLaunches, double mostGigabytes)
    {
        var calls = StepModel.Calls(new StepModelRequest(
            NetworkCatalog.Describe("tresnet_m", Classes), Batch, ImageSize, training, Precision.Bf16, Sums: sums));
        var parts = StepModelParts.Of(calls);
        Assert.That(Table(table), Is.EqualTo(parts.Select(
            part => string.Create(
                CultureInfo.InvariantCulture,
                $"{part.Name} | {part.Launches} | {part.Gigabytes:0.00} | {part.Milliseconds:0.0}"))));
        Assert.That(parts[^1].Launches, Is.AtMost(mostLaunches));
        Assert.That(parts[^1].Gigabytes, Is.AtMost(mostGigabytes));
    }

    // Without engines for it, a pass over each convolution's output.
    [Test]
    public void WithoutEnginesAPassFollowsEachFoldedConvolution()
    {
        var request = new StepModelRequest(
            new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.25, Classes = Classes }, 2, 64,
            Training: false, Precision.Bf16);
        var (with, without) = (StepModel.Calls(request), StepModel.Calls(request with { Folds = false }));
        var convolutions = with.Where(call => call.Call.Operation == nameof(IKernels.ConvolutionFolded)).ToList();
        Assert.That(
            without.Sum(call => call.Launches.Count) - with.Sum(call => call.Launches.Count),
            Is.EqualTo(convolutions.Count));
        Assert.That(without.Sum(call => call.Bytes), Is.GreaterThan(with.Sum(call => call.Bytes)));
    }

    // The first columns of the section's tables.
    private static List<string> Table(int number)
    {
        var lines = File.ReadAllLines(Path.Combine(Golden.RepositoryFolder, "docs", "kernels.md"))
            .SkipWhile(line => line != "## A step, calculated").Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)).ToList();
        var tables = string.Join('\n', lines).Split("\n\n").Where(part => part.StartsWith('|')).ToList();
        return
        [
            .. tables[number].Split('\n').Skip(2).Where(line => line.StartsWith('|'))
                .Select(line => string.Join(" | ", line.Trim('|', ' ').Split(" | ").Take(4))),
        ];
    }
}
