using System.ComponentModel;
using System.Diagnostics;

namespace Flixstock.Tests.Weights;

/// <summary>Python with PyTorch, as Debian has it; tests that need it are skipped elsewhere and say so.</summary>
internal static class TorchPython
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Skips the test where a module is missing.</summary>
    public static void Require(string modules = "torch")
    {
        try
        {
            if (Start("-c", $"import {modules}").Exit != 0)
                Assert.Ignore($"{Python} has no {modules}");
        }
        catch (Win32Exception)
        {
            Assert.Ignore($"there is no {Python} with {modules}");
        }
    }

    /// <summary>What a program prints.</summary>
    public static string Run(params string[] arguments)
    {
        var (exit, output, error) = Start(arguments);
        Assert.That(exit, Is.Zero, error);
        return output;
    }

    /// <summary>What tools/peers/published_checkpoint.py prints, by line.</summary>
    public static string[] PublishedCheckpoint(params string[] arguments) =>
        Run([Path.Combine(Golden.RepositoryFolder, "tools", "peers", "published_checkpoint.py"), .. arguments])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static (int Exit, string Output, string Error) Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error);
    }
}
