namespace Flixstock.Engine;

/// <summary>One step to be looked at, of a network with random weights on a batch of noise: as training and inference take it, without a data set.</summary>
internal sealed class WatchedStep : IDisposable
{
    private readonly Backend _backend;
    private readonly Network _network;
    private readonly Stack<Action> _release = new();
    private readonly Action _step;

    /// <summary>Builds, plans and allocates.</summary>
    /// <param name="backend">Where.</param>
    /// <param name="options">Which network.</param>
    /// <param name="batch">Pictures.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    /// <param name="training">A training step, or a forward pass with folded norms.</param>
    public WatchedStep(Backend backend, INetworkDescription options, int batch, int imageSize, bool training)
    {
        _backend = backend;
        _network = options.Create(backend);
        _network.Initialize(1);
        var input = Own(backend.Device.FromHost<byte>(Noise(batch * imageSize * imageSize * 3L), new Shape(batch, imageSize, imageSize, 3), ElementType.UInt8));
        _step = training ? Training(input) : Inference(input);
    }

    /// <summary>Memory of a training step's activations.</summary>
    public long ArenaBytes { get; private set; }

    /// <summary>Queues one step.</summary>
    public void Run() => _step();

    public void Dispose()
    {
        _backend.Device.Synchronize();
        while (_release.TryPop(out var release))
            release();
        _network.Dispose();
    }

    private Action Training(Tensor input)
    {
        var (batch, size) = (input.Shape.Batch, input.Shape.Height);
        var device = _backend.Device;
        var arena = Own(new PlannedArena(device, _network.PlanTraining(batch, size, size)));
        ArenaBytes = arena.Bytes;
        var scaler = _backend.Precision == Precision.Fp16 ? Own(new LossScaler(_backend, scale: 1024)) : null;
        var adam = Own(new Adam(_backend, _network.Buffer, new AdamSettings(), new OneCycleSchedule(1e-6, 1000), scaler));
        var shape = new Shape(batch, _network.Description.Classes);
        var labels = Own(device.FromHost<sbyte>(Labels(shape.Count), shape, ElementType.Int8));
        var (loss, prior) = (Own(device.Allocate(new Shape(1))), Own(device.Allocate(new Shape(shape.Channels))));
        device.Clear(prior);
        var pass = _backend.NewPass(arena, training: true);
        void Loss(Tensor logits, Tensor gradient)
        {
            _backend.Kernels.SelectiveLoss(logits, labels, Tensor.None, SelectiveLossOptions.Default, loss, gradient, Tensor.None);
            scaler?.Apply(gradient);
            _backend.Kernels.PriorAccumulate(logits, prior);
        }
        return () =>
        {
            _network.ComputeGradients(pass, input, Loss);
            _backend.Ranges?.Push(StepPhase.Optimizer);
            adam.Queue(loss);
            _backend.Ranges?.Pop();
        };
    }

    private Action Inference(Tensor input)
    {
        var folded = Own(new FoldedNetwork(_network));
        return () => folded.Forward(input);
    }

    private T Own<T>(T disposable) where T : IDisposable
    {
        _release.Push(disposable.Dispose);
        return disposable;
    }

    private Tensor Own(Tensor tensor)
    {
        _release.Push(() => _backend.Device.Free(tensor));
        return tensor;
    }

    private static byte[] Noise(long count)
    {
        var random = new SeededRandom(1);
        var pixels = new byte[count];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)random.Next(256);
        return pixels;
    }

    private static sbyte[] Labels(long count)
    {
        var random = new SeededRandom(2);
        var labels = new sbyte[count];
        for (var i = 0; i < labels.Length; i++)
            labels[i] = (sbyte)(random.Next(3) - 1);
        return labels;
    }
}
