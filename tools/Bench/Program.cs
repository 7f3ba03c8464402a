using System.Diagnostics;
using Flixstock.Engine;

// Images per second of TResNet on this machine: training (batch 8) and inference (batch 1 and 8), medians with minimum and maximum.
//   dotnet run -c Release --project tools/Bench -- [model] [size] [steps] [threads]
var model = args.Length > 0 ? args[0] : "tresnet_m";
var size = args.Length > 1 ? int.Parse(args[1]) : 224;
var steps = args.Length > 2 ? int.Parse(args[2]) : 5;
using var backend = Backend.Cpu(args.Length > 3 ? int.Parse(args[3]) : 0);
Console.WriteLine($"{model}, {size}x{size}, {backend.Device.Name}, .NET {Environment.Version}");

const int Classes = 21, Batch = 8;
var random = new SeededRandom(1);
var pixels = new byte[Batch * size * size * 3];
for (var i = 0; i < pixels.Length; i++)
    pixels[i] = (byte)random.Next(256);

using var network = new TResNet(backend, TResNetOptions.Variant(model, Classes));
network.Initialize(1);
using (var folded = new FoldedNetwork(network))
{
    foreach (var batch in new[] { 1, Batch })
    {
        var logits = new float[batch * Classes];
        Measure($"inference, batch {batch}", batch, () => folded.Run(pixels.AsSpan(0, batch * size * size * 3), batch, size, size, logits));
    }
}
Train();

void Train()
{
    var device = backend.Device;
    var pass = backend.NewPass(new PlannedArena(device, StepPlan.Training(network, Batch, size, size)), training: true);
    var input = device.FromHost<byte>(pixels, new Shape(Batch, size, size, 3), ElementType.UInt8);
    var labels = device.FromHost<sbyte>(Array.ConvertAll(new sbyte[Batch * Classes], _ => (sbyte)(random.Next(3) - 1)), new Shape(Batch, Classes), ElementType.Int8);
    var loss = device.Allocate(new Shape(1));
    using var adam = new Adam(backend, network.Buffer, new AdamSettings(), new OneCycleSchedule(2e-4, 1000));
    Measure($"training, batch {Batch}", Batch, () =>
    {
        StepPlan.Train(network, pass, input, (logits, gradient) =>
            backend.Kernels.SelectiveLoss(logits, labels, ReadOnlyTensor.None, SelectiveLossOptions.Default, loss, gradient, Tensor.None));
        adam.Step(loss);
    });
}

void Measure(string name, int batch, Action step)
{
    step();
    step();
    var seconds = new double[steps];
    for (var i = 0; i < steps; i++)
    {
        var watch = Stopwatch.StartNew();
        step();
        seconds[i] = watch.Elapsed.TotalSeconds;
    }
    Array.Sort(seconds);
    Console.WriteLine($"{name}: {batch / seconds[steps / 2]:F2} images/s, {1000 * seconds[steps / 2]:F0} ms (min {1000 * seconds[0]:F0}, max {1000 * seconds[^1]:F0})");
}
