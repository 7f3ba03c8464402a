using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// The algorithm of each convolution is timed once for a device, not once for a process; what is wrong with the files
/// costs a search and nothing else.
/// </summary>
public class DnnChoicesTests
{
    // Small, so that the libraries' workspaces are.
    private static readonly EmulatedDriverOptions Small = new(MemoryBytes: 64 << 20);

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("flixstock-choices").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void TheSecondProcessSearchesForNothingAndComputesTheSame()
    {
        var (first, searches) = Convolve();
        Assert.That(searches, Is.EqualTo(3), "one for each direction");
        Assert.That(Directory.GetFiles(_folder, "cudnn-*.kernel"), Has.Length.EqualTo(3));
        var (second, again) = Convolve();
        Assert.That(again, Is.Zero);
        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void ADamagedFileIsSearchedForAndWrittenAgain()
    {
        var (first, _) = Convolve();
        var files = Directory.GetFiles(_folder, "cudnn-*.kernel").Order(StringComparer.Ordinal).ToArray();
        var whole = files.Select(File.ReadAllBytes).ToArray();
        File.WriteAllBytes(files[0], whole[0][..^3]);
        File.WriteAllText(files[1], "");
        var (second, searches) = Convolve();
        Assert.That((searches, second), Is.EqualTo((2, first)));
        Assert.That(files.Select(File.ReadAllBytes), Is.EqualTo(whole));
    }

    [Test]
    public void AnAlgorithmThatTheLibraryRefusesIsSearchedForAgain()
    {
        var (first, _) = Convolve();
        using (var gpu = Open())
        {
            // Whole files with an algorithm that is none.
            var choices = DnnChoices.Of(gpu.Device, allowTf32: false, deterministic: true, (64L << 20) / 32);
            foreach (var problem in Problems())
            {
                Assert.That(choices.Find(problem.ToString())?.Number, Is.EqualTo(1), problem.ToString());
                choices.Keep(problem.ToString(), new DnnChoice(IsEngine: false, 5, 0, 0));
            }
        }
        var (second, searches) = Convolve();
        Assert.That((searches, second), Is.EqualTo((3, first)));
        Assert.That(Convolve().Searches, Is.Zero);
    }

    [Test]
    public void AFolderThatCannotBeWrittenToIsSaidOnceAndDoneWithout()
    {
        var file = Path.Combine(_folder, "a file");
        File.WriteAllText(file, "where the folder should be");
        var notes = new List<string>();
        var (_, searches) = Convolve(Path.Combine(file, "deeper"), notes.Add);
        Assert.That(searches, Is.EqualTo(3));
        Assert.That(notes, Has.Count.EqualTo(1));
        Assert.That(notes[0], Does.Contain("a file").And.Contain("timed again"));
    }

    [Test]
    public void EverythingThatDecidesIsPartOfTheKey()
    {
        using var gpu = Open();
        using var newer = new EmulatedGpu(
            options: Small with { ComputeCapability = 90 }, change: usual => usual with { CacheFolder = _folder });
        var keys = new[]
        {
            (gpu, false, false, 1), (gpu, true, false, 1), (gpu, false, true, 1), (gpu, false, false, 2),
            (newer, false, false, 1),
        }
            .Select(of => DnnChoices.Of(of.Item1.Device, of.Item2, of.Item3, of.Item4).Key("a convolution")).ToList();
        Assert.That(keys, Is.Unique);
        var problem = Problems()[0];
        Assert.That(
            new[]
            {
                problem, problem with { Direction = DnnDirection.BackwardData },
                problem with { Input = new Shape(1, 6, 6, 8) }, problem with { Weight = new Shape(16, 3, 3, 8) },
                problem with { Stride = 2 }, problem with { Padding = 0 }, problem with { Type = ElementType.BFloat16 },
                problem with { Accumulate = true },
            }.Select(other => other.ToString()),
            Is.Unique);
    }

    [Test]
    public void TwoDevicesFillOneFolderAtOnce()
    {
        var results = new float[4][];
        Parallel.For(0, results.Length, i => results[i] = Convolve().Result);
        Assert.That(results, Is.All.EqualTo(results[0]));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(3).And.All.EndsWith(".kernel"));
        Assert.That(Convolve().Searches, Is.Zero);
    }

    private static DnnProblem[] Problems() =>
    [
        .. new[] { DnnDirection.Forward, DnnDirection.BackwardData, DnnDirection.BackwardWeight }
            .Select(direction => new DnnProblem(
                direction, new Shape(2, 6, 6, 8), new Shape(8, 3, 3, 8), new Shape(2, 6, 6, 8), 1, 1,
                ElementType.Float32)
            {
                Accumulate = direction == DnnDirection.BackwardData,
            }),
    ];

    private EmulatedGpu Open(string? folder = null, Action<string>? notes = null) =>
        new(
            options: Small, change: usual => usual with { CacheFolder = folder ?? _folder, Notes = notes },
            hasCompiler: false);

    // A convolution in all three directions, adding to a gradient, so that the search may not write there.
    private (float[] Result, int Searches) Convolve(string? folder = null, Action<string>? notes = null)
    {
        using var gpu = Open(folder, notes);
        var (device, kernels, geometry) = (gpu.Device, gpu.Backend.Kernels, new ConvolutionGeometry(1, 1));
        var (shape, window) = (new Shape(2, 6, 6, 8), new Shape(8, 3, 3, 8));
        Tensor Random(Shape of, ulong seed) => device.FromHost<float>(TestTensors.Random(of.Count, seed), of);
        var (x, w, y, dy, dx) =
            (Random(shape, 1), Random(window, 2), device.Allocate(shape), Random(shape, 3), Random(shape, 4));
        var dw = device.Allocate(window);
        kernels.ConvolutionForward(x, w, geometry, y);
        kernels.ConvolutionBackwardData(dy, w, geometry, accumulate: true, dx);
        kernels.ConvolutionBackwardWeight(x, dy, geometry, dw);
        return (
            [.. device.ToHost<float>(y), .. device.ToHost<float>(dx), .. device.ToHost<float>(dw)], gpu.Dnn.Searches);
    }
}
