using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>
/// One training step's gradients, of weights and a batch that are left in a folder for another program.
/// </summary>
internal static class GradientStep
{
    // What autocast's gradients are scaled by too; a step of this size overflows nowhere.
    private const float HalfPrecisionScale = 1024;

    /// <summary>Writes <c>weights.safetensors</c> and <c>batch.safetensors</c> and computes the step.</summary>
    /// <returns>Gradients by published name, in published layout.</returns>
    public static StateDict Compute(Workload work, int batch, string folder)
    {
        var (backend, size) = (work.Backend, work.Size);
        using var network = work.Model.Create(backend);
        network.Initialize(1);
        var weights = Spread(network.ToStateDict());
        network.Load(weights);
        SafetensorsFile.Write(Path.Combine(folder, "weights.safetensors"), weights);
        var noise = NoiseBatch.Of(batch, size, Workload.Classes);
        var file = new StateDict();
        file.Add(new StateTensor("pixels", StateType.U8, [batch, size, size, 3], noise.Pixels));
        file.Add(new StateTensor(
            "labels", StateType.I8, [batch, Workload.Classes], Array.ConvertAll(noise.Labels, label => (byte)label)));
        SafetensorsFile.Write(Path.Combine(folder, "batch.safetensors"), file);
        // Which labels are the likeliest is no matter of rounding: none is left out.
        using var loss = new SelectiveLoss(backend, SelectiveLossOptions.Default with { LikelihoodTopK = 0 });
        var options = new TrainingStepOptions(batch, size, batch, new OneCycleSchedule(1e-6, 1))
        {
            LossScale = HalfPrecisionScale,
        };
        using var step = new TrainingStep(network, loss, options);
        step.Run(noise, 1);
        step.Finish();
        return Gradients(network);
    }

    // Fresh networks have branches that are nearly off, and gradients that are nearly nothing: here every parameter
    // matters.
    private static StateDict Spread(StateDict fresh)
    {
        var random = new SeededRandom(3);
        double Between(double least, double most) => least + (most - least) * random.Next(1 << 20) / (1 << 20);
        var state = new StateDict();
        foreach (var tensor in fresh)
        {
            var norm = tensor.Name.EndsWith(".weight", StringComparison.Ordinal) && tensor.Shape.Count == 1;
            var bias = tensor.Name.EndsWith(".bias", StringComparison.Ordinal);
            state.Add(norm || bias
                ? StateTensors.From(
                    tensor.Name, tensor.Shape,
                    Array.ConvertAll(tensor.ToFloats(), _ => (float)(norm ? Between(0.5, 1.5) : Between(-0.2, 0.2))))
                : tensor);
        }
        return state;
    }

    private static StateDict Gradients(Network network)
    {
        var scale = network.Backend.Precision == Precision.Fp16 ? HalfPrecisionScale : 1;
        var gradients = new StateDict();
        foreach (var parameter in network.Buffer.Parameters.Where(parameter => parameter.Gradient.Exists))
        {
            gradients.Add(PublishedLayout.ToPublished(
                parameter,
                Array.ConvertAll(Singles(network.Backend.Device, parameter.Gradient), value => value / scale)));
        }
        return gradients;
    }

    private static float[] Singles(Device device, Tensor tensor)
    {
        using var host = new CpuDevice(1);
        var copy = host.Allocate(tensor.Shape, tensor.Type);
        device.CopyToHost(tensor, copy.Bits());
        return ((ReadOnlyTensor)copy).ToSingles();
    }
}
