using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>The benchmark's command line.</summary>
internal static class BenchCommand
{
    /// <summary>Exit code where the peer to compare with is not installed.</summary>
    public const int NotHere = 4;

    /// <summary>Runs it: 0 done, 1 a failure or a bound that is not kept, 2 wrong arguments, 4 no peer here.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter error, CudaOpener openCuda)
    {
        try
        {
            using var session = new Session(new Terminal(output), error, openCuda, new DefaultPlaces(""), default);
            var parsed = Root(output, session).Parse(arguments);
            if (parsed.Action is not HelpAction && parsed.Errors is [var wrong, ..])
                throw new InputException(wrong.Message);
            return parsed.Invoke(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        }
        catch (InputException e)
        {
            error.WriteLine($"error: {Advice.Of(e)}");
            return 2;
        }
        catch (PeerException e)
        {
            error.WriteLine(e.Message);
            return e.IsMissing ? NotHere : 1;
        }
        catch (EngineException e)
        {
            error.WriteLine($"error: {Advice.Of(e)}");
            return 1;
        }
    }

    private static RootCommand Root(TextWriter output, Session session)
    {
        var work = new WorkOptions();
        var batches = new Option<int[]>("--inference-batch")
        {
            DefaultValueFactory = _ => [1, 8],
            AllowMultipleArgumentsPerToken = true,
            Description = "Batch sizes of inference.",
        };
        var batch = new Option<int>("--training-batch")
        {
            DefaultValueFactory = _ => 8,
            Description = "Batch size of training; 0 leaves it out.",
        };
        var both = new Option<int?>("--batch-size")
        {
            Description = "Batch size of training and of inference, instead of the two above.",
        };
        var train = new Option<bool>("--train") { Description = "Training only." };
        var infer = new Option<bool>("--infer") { Description = "Inference only." };
        var steps =
            new Option<int>("--steps") { DefaultValueFactory = _ => 5, Description = "Timed steps of each round." };
        var rounds = new Option<int>("--rounds")
        {
            DefaultValueFactory = _ => 3,
            Description = "Rounds: ours, then the peers, and again.",
        };
        var compile = new Option<bool>("--compile") { Description = "PyTorch compiled, too, where it can compile." };
        var onnx = new Option<bool>("--onnx")
        {
            Description = "ONNX Runtime runs the same network, exported, in the same rounds of inference.",
        };
        var root = new RootCommand("Times TResNet training and inference: images/s and peak memory, medians over all "
            + "rounds, ratios to PyTorch and ONNX Runtime.")
        {
            batches, batch, both, train, infer, steps, rounds, compile, onnx,
        };
        work.AddTo(root);
        root.Add(GradientCommand.Create(output, session));
        root.Add(AccuracyCommand.Create(output));
        root.SetAction(parsed =>
        {
            var backend = session.Open(work.Device(parsed));
            var load = new Workload(backend, work.Model(parsed), parsed.GetValue(work.Size), parsed.GetValue(steps));
            var torch = work.Peer(parsed, load);
            var runtime = parsed.GetValue(onnx) ? new OnnxPeer(work.Device(parsed).Threads) : null;
            string?[] versions =
            [
                $"{DateTime.UtcNow:yyyy-MM-dd}", Machine.Processor(), backend.Device.Name, backend.Precision.Name(),
                $".NET {Environment.Version}", torch?.Version, runtime is null ? null : OnnxPeer.Version(),
            ];
            output.WriteLine(string.Join(", ", versions.OfType<string>()));
            Peer[] Peers(string mode, int count) =>
            [
                .. torch is null ? [] : new[] { new Peer("PyTorch", () => torch.Run(mode, count, compiled: false)) },
                .. torch is null || !parsed.GetValue(compile)
                    ? []
                    : new[] { new Peer("PyTorch compiled", () => torch.Run(mode, count, compiled: true)) },
                .. runtime is null
                    ? []
                    : new[] { new Peer(
                        "ONNX Runtime", () => mode == "infer" ? new Measured(runtime.Inference(load, count)) : null) },
            ];
            var table = new Comparison(output, parsed.GetValue(rounds));
            table.PrintHeader(Peers("infer", 1).Select(peer => peer.Name));
            var size = parsed.GetValue(both);
            foreach (var count in parsed.GetValue(train) ? [] : size is { } one ? [one] : parsed.GetValue(batches)!)
            {
                table.Print(
                    $"{load.Name}, inference, batch {count}", count, () => load.Inference(count),
                    Peers("infer", count));
            }
            if (!parsed.GetValue(infer) && (size ?? parsed.GetValue(batch)) is var training and > 0)
            {
                table.Print(
                    $"{load.Name}, training, batch {training}", training, () => load.Training(training),
                    Peers("train", training));
            }
            if (torch?.Remark is { } remark)
                output.WriteLine(remark);
            return 0;
        });
        return root;
    }
}

/// <summary>The options that say what is computed, where, and beside whom.</summary>
internal sealed class WorkOptions
{
    private readonly Option<string> _model =
        new("--model") { DefaultValueFactory = _ => "tresnet_m", Description = "Which network." };
    private readonly Option<string?> _layers =
        new("--layers") { Description = "Residual blocks of the four stages, 1,1,1,1: for a network of one's own." };
    private readonly Option<double?> _width = new("--width") { Description = "Factor on the channels." };
    private readonly DeviceOptions _device = new(training: true, standard: "cpu");
    private readonly Option<string?> _python =
        new("--python") { Description = "A Python with PyTorch: the peer (tools/peers) runs in the same rounds." };
    private readonly Option<string?> _peerDevice =
        new("--peer-device") { Description = "Where PyTorch computes; without it where we do." };

    public Option<int> Size { get; } =
        new("--image-size") { DefaultValueFactory = _ => 224, Description = "Side of the pictures." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _model, _layers, _width, Size, _python, _peerDevice })
            command.Add(option);
        _device.AddTo(command);
    }

    public TResNetOptions Model(ParseResult parsed)
    {
        var layers = parsed.GetValue(_layers)?.Split(',').Select(
            count => int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .ToArray();
        var options = new TrainerOptions
        {
            ModelName = parsed.GetValue(_model)!,
            Layers = layers,
            Width = parsed.GetValue(_width),
        };
        return (TResNetOptions)options.Model(Workload.Classes); // what the PyTorch peer has too
    }

    /// <summary>Where we compute, and PyTorch too: its threads and its autocast's precision are the same.</summary>
    public DeviceRequest Device(ParseResult parsed) => _device.Read(parsed);

    /// <summary>PyTorch on the same work; null without <c>--python</c>.</summary>
    public TorchPeer? Peer(ParseResult parsed, Workload work) => parsed.GetValue(_python) is { } python
        ? new TorchPeer(python, parsed.GetValue(_peerDevice) ?? DeviceOf(parsed, work), Device(parsed).Threads, work)
        : null;

    // As PyTorch calls it, which has no auto.
    private string DeviceOf(ParseResult parsed, Workload work) =>
        work.Backend.Device.IsHost ? "cpu" : Device(parsed).Device is "auto" ? "cuda" : Device(parsed).Device;
}
