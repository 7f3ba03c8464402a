using System.Globalization;
using System.Text.RegularExpressions;
using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// What a training takes of a device is known before it begins: counted, then compared with what it took.
/// </summary>
[Parallelizable] // a device of its own
public class DeviceMemoryTests
{
    private const int Side = 32, Classes = 21;

    private static readonly TrainerOptions Tiny = new()
    {
        ModelName = "tiny",
        Layers = [1, 1, 1, 1],
        Width = 0.1875,
        ImageSize = Side,
        Epochs = 1,
        Workers = 1,
        KeepResumeState = false,
    };

    private static readonly AttributeTable Table = AttributeTable.Garments;

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("flixstock-memory").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase(Precision.Fp32)]
    [TestCase(Precision.Bf16)]
    public void WhatATrainingTakesIsCountedToTheByte(Precision precision)
    {
        using var gpu = Open(256 << 20, precision);
        var schedule = new OneCycleSchedule(2e-4, 60);
        var model = Tiny.Model(Classes);
        var counted = StepMemory.Of(
            gpu.Backend, model, new SelectiveLoss(gpu.Backend),
            (Tiny with { BatchSize = EmulatedSteps.Batch }).Steps(schedule, 10));
        var before = gpu.Device.AllocatedBytes;
        using var run = new EmulatedSteps(gpu.Backend);
        run.Take(3); // two full batches and a partial one
        TestContext.Out.WriteLine($"{counted}");
        Assert.That(gpu.Device.PeakBytes - before, Is.EqualTo(counted.NetworkBytes + counted.StepBytes));
        Assert.That(counted.ScratchBytes, Is.Positive.And.LessThan(counted.StepBytes - counted.ActivationBytes));
        // Parameters and gradients in single precision, and in 16 bits again.
        Assert.That(counted.NetworkBytes, Is.InRange(1 << 20, 4 << 20));
    }

    [Test]
    public void TheBatchThatIsFoundTrainsAndEightMoreDoNot()
    {
        var (data, few) = (Pictures(24), Pictures(8));
        LargestBatch sixteen, more;
        using (var roomy = Open())
        {
            sixteen = LargestBatch.Find(roomy.Backend, Tiny, 16, Table, limit: 16);
            more = LargestBatch.Find(roomy.Backend, Tiny, 24, Table, limit: 24);
        }
        // Memory for 16 pictures and a half of 8 more; the libraries' workspaces grow with the device: cuDNN's of two
        // streams and cuBLAS's of the second, which has 32 MiB here, by a 32nd each. cuBLAS's first one is 32 MiB.
        var wanted = sixteen.NeededBytes + (more.NeededBytes - sixteen.NeededBytes) / 2
            - 2 * ((4L << 30) / 32) - (32L << 20) + (32L << 20);
        var memory = wanted / 29 * 32;
        using var gpu = Open(memory: memory);
        var found = LargestBatch.Find(gpu.Backend, Tiny, data.Samples.Count, Table, limit: 24);
        TestContext.Out.WriteLine($"{found}, device of {memory} bytes");
        Assert.That(found.BatchSize, Is.EqualTo(16));

        var before = gpu.Device.AllocatedBytes;
        using (var trainer = new Trainer(
            gpu.Backend, data, few, Tiny with { BatchSize = 16 }, TrainingRun.Create(Path.Combine(_folder, "run"))))
        {
            Assert.That(trainer.Train().Epochs, Has.Count.EqualTo(1));
        }
        Assert.That(gpu.Device.PeakBytes - before, Is.InRange(found.NeededBytes - (1 << 16), found.NeededBytes));

        using var other = Open(memory: memory);
        Assert.That(
            () => new Trainer(
                other.Backend, data, few, Tiny with { BatchSize = 24 },
                TrainingRun.Create(Path.Combine(_folder, "large"))).Dispose(),
            Throws.TypeOf<DeviceMemoryException>());
    }

    [Test]
    public void ABatchThatDoesNotFitNamesTheLayerAndTheBatchThatDoes()
    {
        using var gpu = Open(memory: 48 << 20);
        var failure = Assert.Throws<DeviceMemoryException>(
            () => new EmulatedSteps(gpu.Backend, batch: 512, pictures: 512).Dispose())!;
        TestContext.Out.WriteLine(failure.Message);
        var match = Regex.Match(failure.Message,
            @"^not enough memory on CUDA device 0, PTX emulator: (body\.[a-z0-9.]+|head\.fc), (forward|backward), "
                + @"wants \d+ MiB for a tensor of a step of 512 pictures and finds no room; \d+ of 48 MiB are free, "
                + @"the training needs \d+ MiB at its peak \(\d+ of activations, \d+ of scratch memory, \d+ of "
                + @"validation\); try BatchSize (\d+) or less, or LargestBatch$",
            RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.That(match.Success);
        var names = Tiny.Model(Classes).Create(gpu.Backend).Buffer.Parameters
            .Select(parameter => parameter.Name[..parameter.Name.LastIndexOf('.')]);
        Assert.That(names, Does.Contain(match.Groups[1].Value), "a name of the published state dict");
        Assert.That(failure.Requested, Is.GreaterThan(failure.Free));
        var batch = int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture);
        Assert.That(batch % 8, Is.Zero);
        Assert.That(batch, Is.InRange(8, 504));
        using var other = Open(memory: 48 << 20);
        Assert.That(() => new EmulatedSteps(other.Backend, batch: batch, pictures: batch).Dispose(), Throws.Nothing);
        using var third = Open(memory: 48 << 20);
        Assert.That(
            () => new EmulatedSteps(third.Backend, batch: batch + 8, pictures: batch + 8).Dispose(),
            Throws.TypeOf<DeviceMemoryException>());
    }

    [Test]
    public void WhatNothingFitsSaysSo()
    {
        using var gpu = Open(memory: 40 << 20);
        Assert.That(() => LargestBatch.Find(gpu.Backend, Tiny with { Width = 1 }, 100, Table),
            Throws.TypeOf<DeviceMemoryException>().With.Message.Match(@"^LargestBatch: not enough memory on CUDA "
                + @"device 0, PTX emulator: a step of [12] pictures needs \d+ MiB, \d+ MiB are available; use"));
    }

    [Test]
    public void TheReserveIsLeftAlone()
    {
        using var gpu = Open(memory: 128 << 20);
        using var reserving = new EmulatedGpu(
            options: new EmulatedDriverOptions(MemoryBytes: 128 << 20),
            change: usual => usual with { ReservedBytes = null });
        var (all, less) = (
            LargestBatch.Find(gpu.Backend, Tiny, 60000, Table),
            LargestBatch.Find(reserving.Backend, Tiny, 60000, Table));
        Assert.That(reserving.Device.ReservedBytes, Is.EqualTo(16 << 20));
        Assert.That(all.AvailableBytes - less.AvailableBytes, Is.EqualTo(16 << 20));
        Assert.That(less.BatchSize, Is.LessThan(all.BatchSize).And.GreaterThan(0));
        Assert.That(all.NeededBytes, Is.LessThanOrEqualTo(all.AvailableBytes));
    }

    // Without algorithms that an earlier test chose: the search takes memory.
    private EmulatedGpu Open(long memory = 4L << 30, Precision precision = Precision.Fp32)
    {
        var cache = Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName;
        EmulatedGpu.CopyKernels(cache);
        return new EmulatedGpu(
            precision, new EmulatedDriverOptions(MemoryBytes: memory), usual => usual with { CacheFolder = cache });
    }

    private ImageDataset Pictures(int count)
    {
        var path = Path.Combine(_folder, "picture.png");
        PictureWriter.WritePng(
            path, new RgbPicture(40, 30, [.. Enumerable.Range(0, 40 * 30 * 3).Select(i => (byte)(i * 31))]));
        return new ImageDataset(AttributeTable.Garments, [.. Enumerable.Range(0, count)
            .Select(i => new Sample($"{i}.png", path, AttributeTable.Garments.Labels([i % 7, i % 4, i % 10])))]);
    }
}
