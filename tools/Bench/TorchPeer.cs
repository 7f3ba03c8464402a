using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Flixstock.Bench;

/// <summary>PyTorch on the same work: runs <c>tools/peers/torch_peer.py</c> and reads its line.</summary>
internal sealed partial class TorchPeer(string python, int threads)
{
    /// <summary>As PyTorch names itself.</summary>
    public string Version() => "PyTorch " + Start("-c", "import torch; print(torch.__version__)").Trim();

    /// <summary>Images per second, the median of its steps.</summary>
    public double Run(string mode, Workload work, int batch)
    {
        var line = Start(Script(), "--device", "cpu", "--mode", mode, "--model", work.Model, "--batch", $"{batch}", "--size", $"{work.Size}",
            "--steps", $"{work.Steps}", "--warmup", "2", "--threads", $"{(threads == 0 ? Environment.ProcessorCount : threads)}");
        return double.Parse(ImagesPerSecond().Match(line).Groups["rate"].Value, CultureInfo.InvariantCulture);
    }

    private string Start(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{python} {string.Join(' ', arguments)}: exit code {process.ExitCode}");
    }

    // Beside the solution, whichever folder the program was started from.
    private static string Script()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var script = Path.Combine(folder, "tools", "peers", "torch_peer.py");
            if (File.Exists(script))
                return script;
        }
        throw new FileNotFoundException("tools/peers/torch_peer.py lies in no folder above the program: run it from a checkout");
    }

    [GeneratedRegex("(?<rate>[0-9.]+) images/s", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ImagesPerSecond();
}
