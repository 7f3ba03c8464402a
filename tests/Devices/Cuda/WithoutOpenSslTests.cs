using System.Diagnostics;
using Flixstock.Tests.Cli;
using Flixstock.Tests.Training.Mlflow;

namespace Flixstock.Tests.Devices;

/// <summary>
/// A bare GPU image has no OpenSSL, and a process whose .NET looks for it there ends: nothing from the command line to
/// the last step of a training may need it.
/// </summary>
[NonParallelizable]
public sealed class WithoutOpenSslTests
{
    [Test]
    public void ATrainingLoadsNoOpenSsl()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("glibc's LD_DEBUG shows what is loaded");
        NvrtcRequired.Open();
        using var folder = new TemporaryFolder();
        var kernels = Directory.CreateDirectory(Path.Combine(folder["cache"], "flixstock", "kernels"));
        EmulatedGpu.CopyKernels(kernels.FullName);
        Run(folder, "synth", "--out", folder["data"], "--count", "16", "--size", "32");
        Run(folder, "split", "--data", folder["data"], "--no-augment");
        Run(
            folder, "train", "--data", folder["data"], "--out", folder["run"], "--image-size", "32",
            "--batch-size", "5", "--epochs", "1", "--layers", "1,1,1,1", "--width", "0.125", "--device", "cuda");
        AssertNoOpenSsl(folder);
    }

    // Also a tracking server whose address begins with http needs none.
    [Test]
    public void ATrainingThatIsLoggedOverHttpLoadsNoOpenSsl()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("glibc's LD_DEBUG shows what is loaded");
        using var folder = new TemporaryFolder();
        using var mlflow = new MlflowListener();
        NamedDatasets.WriteFolders(folder, "data");
        Start(
            folder, "flixstock.dll",
            [
                "train", "--data", folder["data"], "--out", folder["run"], "--epochs", "1", "--batch-size", "4",
                "--mlflow", mlflow.Address, .. NamedDatasets.Tiny,
            ]);
        Assert.That(mlflow.Server.Runs.Values.Single().Status, Is.EqualTo("FINISHED"));
        Assert.That(mlflow.Server.Problems, Is.Empty);
        AssertNoOpenSsl(folder);
    }

    private static void AssertNoOpenSsl(TemporaryFolder folder)
    {
        var loaded = Directory.GetFiles(folder.Path, "loaded.*").SelectMany(File.ReadLines)
            .Where(line => line.Contains(".so", StringComparison.Ordinal)).ToList();
        Assert.That(loaded, Has.Some.Contain("libSkiaSharp"), "the log shows what is loaded");
        Assert.That(loaded, Has.None.Contain("libssl").And.None.Contain("libcrypto"));
    }

    private static void Run(TemporaryFolder folder, params string[] arguments) =>
        Start(folder, "Flixstock.KernelLab.dll", ["rehearse", "flixstock", .. arguments]);

    private static void Start(TemporaryFolder folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["LD_DEBUG"], start.Environment["LD_DEBUG_OUTPUT"]) = ("files", folder["loaded"]);
        start.Environment["XDG_CACHE_HOME"] = folder["cache"];
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, output + error.Result);
    }
}
