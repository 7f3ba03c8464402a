using System.Diagnostics;

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
        var loaded = Directory.GetFiles(folder.Path, "loaded.*").SelectMany(File.ReadLines)
            .Where(line => line.Contains(".so", StringComparison.Ordinal)).ToList();
        Assert.That(loaded, Has.Some.Contain("libSkiaSharp"), "the log shows what is loaded");
        Assert.That(loaded, Has.None.Contain("libssl").And.None.Contain("libcrypto"));
    }

    private static void Run(TemporaryFolder folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Flixstock.KernelLab.dll"), "rehearse", "flixstock", .. arguments])
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
