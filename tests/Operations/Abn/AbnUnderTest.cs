using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Operations;

/// <summary>
/// Some pictures of a batch, and what a layer with batch statistics makes of them: a forward and a backward pass.
/// </summary>
/// <param name="Kind">leaky, identity, residual or excite.</param>
/// <param name="Channels">A multiple of 8 takes the kernels' fast entries.</param>
/// <param name="Mean">Of the data; its deviation is 1.</param>
/// <param name="Origin">About which the running means lie.</param>
internal sealed record AbnUnderTest(string Kind, int Channels, float Mean, float Origin)
{
    private const int Pictures = 6, Height = 5, Width = 3;

    /// <summary>What the layer computes from the pictures of one process.</summary>
    /// <param name="ByPicture">Output, gradients of input and residual: of these pictures.</param>
    /// <param name="Statistics">Rows of the normalization and running statistics: of all pictures.</param>
    /// <param name="Gradients">Of the parameters: what these pictures add to all pictures'.</param>
    public sealed record Outcome(
        Dictionary<string, float[]> ByPicture, Dictionary<string, float[]> Statistics,
        Dictionary<string, float[]> Gradients);

    /// <summary>All pictures, in one process.</summary>
    public Outcome Whole(string device, IStatisticsReducer? reducer = null) =>
        On(device, backend => Run(backend, 0, Pictures, reducer));

    /// <summary>The same pictures, cut among processes that merge their statistics.</summary>
    public Outcome[] Cut(string device, params int[] counts)
    {
        using var exchange = new ThreadExchange(counts.Length);
        Outcome One(int process)
        {
            var first = counts.Take(process).Sum();
            return On(device, backend => Run(backend, first, counts[process], exchange.Of(process, backend.Device)));
        }

        var tasks = counts.Select((_, process) => Task.Factory.StartNew(
            () => One(process), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        Task.WaitAll(tasks);
        return [.. tasks.Select(task => task.Result)];
    }

    private static Outcome On(string device, Func<Backend, Outcome> run)
    {
        if (device == "emulated")
        {
            using var gpu = new EmulatedGpu();
            return run(gpu.Backend);
        }
        using var backend = TestTensors.Open(device);
        return run(backend);
    }

    private Outcome Run(Backend backend, int first, int count, IStatisticsReducer? reducer)
    {
        var device = backend.Device;
        using var scope = device.EnterExclusive();
        BatchNormalization normalization =
            Kind == "leaky" ? new InplaceAbn("abn", Channels, 0.01f) : new IdentityAbn("abn", Channels);
        var excite = Kind == "excite" ? new SqueezeExcite("se", Channels, 8) : null;
        Parameter[] parameters = [.. normalization.Parameters, .. excite?.Parameters ?? []];
        using var buffer = new ParameterBuffer(device, parameters);
        foreach (var parameter in parameters)
            device.CopyFromHost<float>(Draw(parameter), parameter.Value);
        using var arena = new DynamicArena(device);
        var pass = backend.NewPass(arena, training: true) with { StatisticsReducer = reducer };
        Tensor Share(ulong seed, float mean = 0) => SomePictures(device, arena, seed, mean, first, count);
        var (input, gradient) = (Share(1, Mean), Share(2));
        var byPicture = new Dictionary<string, float[]>();
        var statistics = new Dictionary<string, float[]>();
        void Look(Tensor output)
        {
            byPicture["y"] = device.ToHost<float>(output);
            var rows = device.ToHost<float>(normalization.Normalization);
            foreach (var (name, row) in new[] { ("mean", 0), ("inverse deviation", 1), ("scale", 2), ("shift", 3) })
                statistics[name] = rows[(row * Channels)..((row + 1) * Channels)];
        }
        if (Kind is "residual" or "excite")
        {
            var end = new ResidualAbn((IdentityAbn)normalization, excite);
            Look(end.Forward(pass, input, Share(3), Tensor.None));
            byPicture["dx"] = device.ToHost<float>(end.Backward(pass, gradient));
        }
        else
        {
            Look(normalization.Forward(pass, input));
            normalization.Backward(pass, gradient, gradient, accumulate: false);
        }
        byPicture["gradient"] = device.ToHost<float>(gradient);
        statistics["running mean"] = device.ToHost<float>(normalization.RunningMean.Value);
        statistics["running variance"] = device.ToHost<float>(normalization.RunningVariance.Value);
        var trained = parameters.Where(parameter => parameter.Kind != ParameterKind.RunningStatistic);
        var gradients = trained.ToDictionary(parameter => parameter.Name,
            parameter => device.ToHost<float>(parameter.Gradient));
        return new(byPicture, statistics, gradients);
    }

    // Of a batch that is the same for all processes.
    private Tensor SomePictures(Device device, TensorArena arena, ulong seed, float mean, int first, int count)
    {
        var picture = Height * Width * Channels;
        var values = TestTensors.Random(Pictures * picture, seed, 1, mean).AsSpan(first * picture, count * picture);
        var tensor = arena.Take(new Shape(count, Height, Width, Channels));
        device.CopyFromHost<float>(values, tensor);
        return tensor;
    }

    private float[] Draw(Parameter parameter)
    {
        var values = TestTensors.Random(parameter.Shape.Count, (ulong)parameter.Name.Length);
        return Array.ConvertAll(values, value => parameter.Name switch
        {
            "abn.weight" => value < 0 ? value - 0.5f : value + 0.5f,
            "abn.running_mean" => Origin + value,
            "abn.running_var" => 0.5f + Math.Abs(value),
            _ => 0.3f * value,
        });
    }
}
