using System.CommandLine;
using Flixstock.Bench;
using Flixstock.Engine;

// Images per second of training and inference on this machine, and of PyTorch doing the same work in the same run.
var model = new Option<string>("--model") { DefaultValueFactory = _ => "tresnet_m", Description = "Which network." };
var size = new Option<int>("--image-size") { DefaultValueFactory = _ => 224, Description = "Side of the pictures." };
var batches = new Option<int[]>("--inference-batch") { DefaultValueFactory = _ => [1, 8], AllowMultipleArgumentsPerToken = true, Description = "Batch sizes of inference." };
var batch = new Option<int>("--training-batch") { DefaultValueFactory = _ => 8, Description = "Batch size of training; 0 leaves it out." };
var steps = new Option<int>("--steps") { DefaultValueFactory = _ => 5, Description = "Timed steps of each round." };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Description = "Rounds: ours, then the peer, and again." };
var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 0, Description = "Threads of both; 0 takes all cores." };
var python = new Option<string?>("--python") { Description = "A Python with PyTorch: the peer (tools/peers/torch_peer.py) runs in the same rounds." };
var root = new RootCommand("Times TResNet training and inference: images/s, medians over all rounds, ratios to PyTorch.")
{
    model, size, batches, batch, steps, rounds, threads, python,
};
root.SetAction(parsed =>
{
    var peer = parsed.GetValue(python) is { } program ? new TorchPeer(program, parsed.GetValue(threads)) : null;
    using var backend = Backend.Cpu(parsed.GetValue(threads));
    var work = new Workload(backend, parsed.GetValue(model)!, parsed.GetValue(size), parsed.GetValue(steps));
    Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}, {Machine.Processor()}, {backend.Device.Name}, .NET {Environment.Version}{(peer is null ? "" : $", {peer.Version()}")}");
    Console.WriteLine("| work | ours, images/s | PyTorch, images/s | ratio |");
    Console.WriteLine("| --- | --- | --- | --- |");
    foreach (var count in parsed.GetValue(batches)!)
        Comparison.Print($"{work.Model} {work.Size}, inference, batch {count}", parsed.GetValue(rounds), count, () => work.Inference(count), () => peer?.Run("infer", work, count));
    if (parsed.GetValue(batch) is var training and > 0)
        Comparison.Print($"{work.Model} {work.Size}, training, batch {training}", parsed.GetValue(rounds), training, () => work.Training(training), () => peer?.Run("train", work, training));
});
return root.Parse(args).Invoke();
