using System.CommandLine;
using Flixstock.Bench;
using Flixstock.Engine;

// Images per second of training and inference on this machine, and of PyTorch and ONNX Runtime doing the same work in the same rounds.
var model = new Option<string>("--model") { DefaultValueFactory = _ => "tresnet_m", Description = "Which network." };
var size = new Option<int>("--image-size") { DefaultValueFactory = _ => 224, Description = "Side of the pictures." };
var batches = new Option<int[]>("--inference-batch") { DefaultValueFactory = _ => [1, 8], AllowMultipleArgumentsPerToken = true, Description = "Batch sizes of inference." };
var batch = new Option<int>("--training-batch") { DefaultValueFactory = _ => 8, Description = "Batch size of training; 0 leaves it out." };
var steps = new Option<int>("--steps") { DefaultValueFactory = _ => 5, Description = "Timed steps of each round." };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Description = "Rounds: ours, then the peer, and again." };
var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 0, Description = "Threads of both; 0 takes all cores." };
var python = new Option<string?>("--python") { Description = "A Python with PyTorch: the peer (tools/peers/torch_peer.py) runs in the same rounds." };
var onnx = new Option<bool>("--onnx") { Description = "ONNX Runtime runs the same network, exported, in the same rounds of inference." };
var root = new RootCommand("Times TResNet training and inference: images/s, medians over all rounds, ratios to PyTorch and ONNX Runtime.")
{
    model, size, batches, batch, steps, rounds, threads, python, onnx,
};
root.SetAction(parsed =>
{
    var torch = parsed.GetValue(python) is { } program ? new TorchPeer(program, parsed.GetValue(threads)) : null;
    var runtime = parsed.GetValue(onnx) ? new OnnxPeer(parsed.GetValue(threads)) : null;
    using var backend = Backend.Cpu(parsed.GetValue(threads));
    var work = new Workload(backend, parsed.GetValue(model)!, parsed.GetValue(size), parsed.GetValue(steps));
    string?[] versions = [$"{DateTime.UtcNow:yyyy-MM-dd}", Machine.Processor(), backend.Device.Name, $".NET {Environment.Version}", torch?.Version(), runtime is null ? null : OnnxPeer.Version()];
    Console.WriteLine(string.Join(", ", versions.OfType<string>()));
    Peer[] Peers(string mode, int count) =>
    [
        .. torch is null ? [] : new[] { new Peer("PyTorch", () => torch.Run(mode, work, count)) },
        .. runtime is null ? [] : new[] { new Peer("ONNX Runtime", () => mode == "infer" ? runtime.Inference(work, count) : null) },
    ];
    Comparison.PrintHeader(Peers("infer", 1).Select(peer => peer.Name));
    foreach (var count in parsed.GetValue(batches)!)
        Comparison.Print($"{work.Model} {work.Size}, inference, batch {count}", parsed.GetValue(rounds), count, () => work.Inference(count), Peers("infer", count));
    if (parsed.GetValue(batch) is var training and > 0)
        Comparison.Print($"{work.Model} {work.Size}, training, batch {training}", parsed.GetValue(rounds), training, () => work.Training(training), Peers("train", training));
});
return root.Parse(args).Invoke();
