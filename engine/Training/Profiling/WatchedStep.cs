namespace Flixstock.Engine;

/// <summary>
/// One step to be examined, with random weights and a batch of noise: the same step as in training and inference,
/// without a data set.
/// </summary>
internal sealed class WatchedStep : IDisposable
{
    private readonly Backend _backend;
    private readonly Network _network;
    private readonly Stack<Action> _release = new();
    private readonly Action _step;

    /// <summary>Builds, plans and allocates.</summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="model">The network to run.</param>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    /// <param name="training">A training step, or a forward pass with folded norms.</param>
    public WatchedStep(Backend backend, INetworkDescription model, int batch, int imageSize, bool training)
    {
        _backend = backend;
        _network = model.Create(backend);
        _network.Initialize(1);
        var noise = NoiseBatch.Of(batch, imageSize, model.Classes);
        _step = training ? Training(noise) : Inference(noise);
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

    private Action Training(Batch batch)
    {
        var loss = Own(new SelectiveLoss(_backend));
        var schedule = new OneCycleSchedule(1e-6, 1000);
        var step = Own(new TrainingStep(
            _network, loss,
            new TrainingStepOptions(batch.Count, batch.ImageSize, batch.Count, schedule) { LossScale = 1024 }));
        ArenaBytes = step.Arena.Bytes;
        step.Fill(batch);
        return step.Repeat;
    }

    private Action Inference(Batch batch)
    {
        var shape = new Shape(batch.Count, batch.ImageSize, batch.ImageSize, 3);
        var input = Own(_backend.Device.FromHost<byte>(batch.Pixels, shape, ElementType.UInt8));
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
}
