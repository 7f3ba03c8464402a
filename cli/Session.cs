using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The device and precision that a command's options choose.</summary>
/// <param name="Device"><c>auto</c>, <c>cpu</c> or <c>cuda[:n]</c>; checked when parsed.</param>
/// <param name="Threads">Threads of the processor; 0: as many as the machine has.</param>
internal sealed record DeviceRequest(string Device, int Threads)
{
    /// <summary>Precision of convolutions and activations; null: what suits the device.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Capture steps and replay them, if the device can.</summary>
    public bool Graphs { get; init; } = true;

    /// <summary>Name layers and phases for NVIDIA's tools.</summary>
    public bool NamesRanges { get; init; }

    /// <summary>Folder with kernels' sources instead of the embedded ones.</summary>
    public string? Kernels { get; init; }

    /// <summary>Equal runs give equal bits, also on a GPU.</summary>
    public bool Deterministic { get; init; }

    /// <summary>No Winograd filtering on the processor.</summary>
    public bool Exact { get; init; }
}

/// <summary>The context of every command: its terminal, its cancellation and its device.</summary>
/// <param name="terminal">The look of everything printed.</param>
/// <param name="notes">Receives information that is not a result, apart from the output, which programs may
/// read.</param>
/// <param name="openCuda">Opens a GPU.</param>
/// <param name="places">Default places of what the command line does not name.</param>
/// <param name="cancellation">Cancelled by Ctrl-C.</param>
internal sealed class Session(
    Terminal terminal, TextWriter notes, CudaOpener openCuda, DefaultPlaces places, CancellationToken cancellation)
    : IDisposable
{
    private Backend? _backend;

    public Terminal Terminal { get; } = terminal;

    /// <summary>Default places of what the command line does not name.</summary>
    public DefaultPlaces Places { get; } = places;

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Says something worth knowing that is no result, before the next thing that is printed.</summary>
    public void Note(string text) =>
        Terminal.BeforeNext(() => Terminal.Write(notes, $"note: {Terminal.OneLine(MessageText.Shortened(text))}"));

    /// <summary>The place of something that the command line does not name, and says which.</summary>
    /// <param name="option">The option that would name it.</param>
    /// <param name="place">The place that was found.</param>
    public string Chosen(string option, string place)
    {
        Note($"without {option}: {place}");
        return place;
    }

    /// <summary>Limits of pictures from the command line.</summary>
    public PictureReading Pictures { get; set; } = PictureReading.Standard;

    /// <summary>Says that a file does not come, at once and from any thread.</summary>
    public void Waiting(string file, TimeSpan waited)
    {
        if (!Terminal.Quiet)
            Complain($"note: still waiting for {file} ({waited.TotalSeconds:0} s)");
    }

    /// <summary>Also say what is seldom worth a line.</summary>
    public bool Verbose { get; set; }

    /// <summary>The continuation of a command whose work is not kept when it is stopped.</summary>
    public const string SameCommand = "";

    /// <summary>
    /// Asked when the work was stopped: the command line that continues it, <see cref="SameCommand"/> if nothing was
    /// saved, null if
    /// there is nothing to say.
    /// </summary>
    public Func<string?>? Continuation { get; set; }

    /// <summary>Opens the device once; it lives as long as the session.</summary>
    /// <exception cref="EngineException">A GPU was asked for by name and cannot be used.</exception>
    /// <exception cref="InputException">The device does not have the precision asked for.</exception>
    public Backend Open(DeviceRequest request) => _backend ??= request.Device switch
    {
        "cpu" => Cpu(request),
        "auto" => Cuda(request, out _) ?? FallBack(request),
        _ => Cuda(request, out var reason)
            ?? throw new EngineException($"--device {request.Device}: {reason}; or use --device cpu"),
    };

    /// <summary>Reports a failure of a part of the work that otherwise succeeds: a line among the errors.</summary>
    public void Complain(string text)
    {
        Terminal.EndLine();
        notes.WriteLine(Terminal.OneLine(text));
    }

    public void Dispose() => _backend?.Dispose();

    // One short line: most machines have no GPU and miss nothing.
    private Backend FallBack(DeviceRequest request)
    {
        Note("computing on the processor: no CUDA ('flixstock doctor' says why)");
        return Cpu(request);
    }

    private static Backend Cpu(DeviceRequest request) => request.Precision is { } other and not Precision.Fp32
        ? throw new InputException($"--precision {other.Name()}: the processor computes in fp32 only; leave the option "
            + $"out, or use --device cuda")
        : Backend.Cpu(request.Threads, request.Exact);

    private Backend? Cuda(DeviceRequest request, out string? reason)
    {
        var options = new CudaDeviceOptions { Ordinal = Ordinal(request.Device), Notes = Note };
        if (request.Kernels is { } folder)
            options = options with { Sources = KernelSources.FromFolder(folder, "--kernels") };
        if (openCuda(options, request.Precision, request.Deterministic, out reason) is not { } backend)
            return null;
        if (request.NamesRanges)
            return backend.Watched(backend.Kernels, NvtxRanges.Open());
        return request.Graphs ? backend : backend.WithoutGraphs();
    }

    private static int Ordinal(string device) =>
        device.StartsWith("cuda:", StringComparison.Ordinal)
            ? int.Parse(device.AsSpan("cuda:".Length), System.Globalization.CultureInfo.InvariantCulture)
            : 0;
}
