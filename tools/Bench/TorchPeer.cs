using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>A peer did not run; the message has its last words.</summary>
internal sealed class PeerException(string message) : Exception(message)
{
    /// <summary>
    /// It, or what it needs, is not installed: a comparison cannot be made here, which is no failure of ours.
    /// </summary>
    public bool IsMissing { get; init; }
}

/// <summary>PyTorch on the same work: runs the programs of <c>tools/peers</c> and reads their lines.</summary>
internal sealed partial class TorchPeer
{
    private const double Gibibyte = 1L << 30;
    private readonly string _python, _device;
    private readonly int _threads;
    private readonly Workload _work;
    private readonly bool _compiles;

    /// <summary>Asks PyTorch for its version.</summary>
    /// <exception cref="PeerException">There is no such Python, or it has no PyTorch.</exception>
    public TorchPeer(string python, string device, int threads, Workload work)
    {
        (_python, _device, _threads, _work) = (python, device, threads, work);
        var answer = Start(missing: true, "-c", "import torch; print(torch.__version__, hasattr(torch, 'compile'), "
            + "torch.cuda.is_available())").Trim().Split(' ');
        Version = "PyTorch " + answer[0];
        _compiles = answer[1] == "True";
        if (device.StartsWith("cuda", StringComparison.Ordinal) && answer[2] != "True")
            throw new PeerException($"{Version} of {python} finds no GPU") { IsMissing = true };
    }

    /// <summary>As PyTorch names itself.</summary>
    public string Version { get; }

    /// <summary>What a reader of the table should know; null if nothing.</summary>
    public string? Remark { get; private set; }

    /// <summary>One round.</summary>
    /// <returns>Null where this PyTorch cannot compile.</returns>
    public Measured? Run(string mode, int batch, bool compiled)
    {
        if (compiled && !_compiles)
        {
            Remark = $"{Version} has no torch.compile (2.0 or later does)";
            return null;
        }
        var line = Start(missing: false, [
            Script("torch_peer.py"), .. Network(), "--device", _device, "--mode", mode, "--batch", $"{batch}", "--size",
            $"{_work.Size}", "--steps", $"{_work.Steps}", "--warmup", "2", "--dtype", _work.Backend.Precision.Name(),
            .. _work.Backend.Device.IsHost ? Array.Empty<string>() : ["--channels-last"],
            .. compiled ? ["--compile"] : Array.Empty<string>(), .. ThreadsOption(),
        ]);
        var memory = PeakMemory().Match(line);
        return new Measured(
            double.Parse(ImagesPerSecond().Match(line).Groups["rate"].Value, CultureInfo.InvariantCulture),
            memory.Success
                ? (long)(double.Parse(memory.Groups["gib"].Value, CultureInfo.InvariantCulture) * Gibibyte)
                : null);
    }

    /// <summary>
    /// Gradients of the network and batch in a folder, in float64 and with autocast, into the same folder.
    /// </summary>
    /// <exception cref="PeerException">On the processor there is no autocast to half precision.</exception>
    public string Gradients(string folder) => _device == "cpu" && _work.Backend.Precision == Precision.Fp16
        ? throw new PeerException($"{Version} has no autocast to fp16 on the processor") { IsMissing = true }
        : Start(
            missing: false,
            [
                Script("torch_gradients.py"), .. Network(), "--device", _device,
                "--dtype", _work.Backend.Precision.Name(), "--folder", folder, .. ThreadsOption(),
            ]);

    private string[] Network() =>
        [
            "--model", Model.Name, "--layers", string.Join(',', Model.Layers),
            "--width", Model.Width.ToString(CultureInfo.InvariantCulture), "--classes", $"{Model.Classes}",
        ];

    private TResNetOptions Model => (TResNetOptions)_work.Model;

    private string[] ThreadsOption() => ["--threads", $"{(_threads == 0 ? Environment.ProcessorCount : _threads)}"];

    private string Start(bool missing, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(_python, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            var lastWords = errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .LastOrDefault("no word of why");
            return process.ExitCode == 0
                ? output
                : throw new PeerException($"{_python}: {lastWords}") { IsMissing = missing };
        }
        catch (Win32Exception e)
        {
            throw new PeerException($"{_python}: {e.Message}") { IsMissing = true };
        }
    }

    // Beside the solution or in the bundle, whichever folder the program was started from.
    private static string Script(string name)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var script = Path.Combine(folder, "tools", "peers", name);
            if (File.Exists(script))
                return script;
        }
        throw new PeerException(
            $"tools/peers/{name} lies in no folder above the program: run it from a checkout or a bundle")
        {
            IsMissing = true,
        };
    }

    [GeneratedRegex(
        "(?<rate>[0-9.]+) images/s", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex ImagesPerSecond();

    [GeneratedRegex(
        "peak memory (?<gib>[0-9.]+) GiB", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex PeakMemory();
}
