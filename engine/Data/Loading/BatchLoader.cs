using System.Runtime.ExceptionServices;

namespace Flixstock.Engine;

/// <summary>
/// Makes batches on worker threads, a bounded number ahead of their use, in buffers that are used again. The order
/// depends on seed and epoch only, never on the number of workers. One thread consumes; <see cref="Dispose"/> is safe
/// in the middle of an epoch.
/// </summary>
/// <remarks>Threads: one at a time takes batches; <see cref="Dispose"/> may be called by another.</remarks>
public sealed class BatchLoader : IDisposable
{
    // A batch may take long to decode; nothing wakes the consumer when it is to stop.
    private static readonly TimeSpan CancellationLatency = TimeSpan.FromMilliseconds(100);

    private const int LeastSizeOfMixed = 3; // a pixel for each tile

    private readonly BatchLoaderOptions _options;
    private readonly SampleReader _reader;
    private readonly BatchMixer? _mixer;
    private readonly int _classes;
    private readonly IEpochOrder _epochOrder;
    private readonly int[] _order;
    // [samples of the order] earlier occurrences of the sample in the epoch; empty if nothing is changed at random
    private readonly int[] _occurrences;
    private readonly Thread[] _threads;
    private readonly object _lock = new();
    private readonly Stack<Batch> _free = new();

    // Under _lock: batches are taken by workers in order, wait in _ready until the consumer reaches them.
    private readonly Batch?[] _ready;
    private int _epochsStarted;
    private int _epoch;
    private int _nextToMake;
    private readonly bool _soft;
    private int _nextToGive;
    private int _making;
    private bool _stopping;

    private long _waitedTicks; // of TimeSpan; interlocked, so that it can be read while a batch is waited for

    /// <summary>A loader of these samples. Call <see cref="StartEpoch"/> before asking for batches.</summary>
    /// <param name="samples">The pictures; not empty.</param>
    /// <param name="classes">Number of labels per sample.</param>
    /// <param name="options">Options of the loader.</param>
    /// <exception cref="InputException">
    /// There are no samples, or an option is out of range, or raw pixels are of another preparation.
    /// </exception>
    public BatchLoader(IReadOnlyList<Sample> samples, int classes, BatchLoaderOptions options)
    {
        Check(samples, classes, options);
        _options = options;
        _classes = classes;
        _soft = options.HasSoftLabels || samples.Any(sample => sample.SoftLabels is not null);
        _reader = new SampleReader(samples, options);
        _mixer = options.SpliceMix > 0 ? new BatchMixer(options) : null;
        _epochOrder = options.Order ?? (options.Shuffle ? new ShuffledOrder(options.Seed) : new FixedOrder());
        _order = new int[samples.Count];
        _occurrences = options.Augmentation == AugmentationKind.None ? [] : new int[samples.Count];
        BatchesPerEpoch = options.DropLast
            ? samples.Count / options.BatchSize
            : (samples.Count + options.BatchSize - 1) / options.BatchSize;
        _ready = new Batch?[BatchesPerEpoch];
        _nextToMake = _nextToGive = BatchesPerEpoch;
        for (var i = 0; i < (options.Workers == 0 ? 1 : options.BatchesAhead + 1); i++)
            _free.Push(NewBatch());
        _threads = new Thread[options.Workers];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"loader {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>The pictures that it keeps in memory.</summary>
    internal PictureCache Cache => _reader.Cache;

    /// <summary>Number of batches of an epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>
    /// How long <see cref="TryNext"/> has taken since the loader was made, over all epochs: the time in which its
    /// caller had no batch to work on. Without workers the making of the batches counts too, since the caller makes
    /// them. The difference of two values is the waiting in between; any thread may ask.
    /// </summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    /// <summary>
    /// Starts an epoch, dropping what is left of the one before. The order follows from the seed and the epoch's number
    /// alone.
    /// </summary>
    /// <param name="epoch">Number of the epoch.</param>
    /// <param name="firstBatch">Number of batches to skip, to continue in the middle of an epoch.</param>
    public void StartEpoch(int epoch, int firstBatch = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _nextToMake = _nextToGive = BatchesPerEpoch;
            while (_making > 0)
                Monitor.Wait(_lock); // the order below is read by workers
            RecycleReady();
            _epochsStarted++;
            _epochOrder.Fill(epoch, _order);
            _epoch = epoch;
            CountOccurrences();
            _nextToMake = _nextToGive = Math.Min(firstBatch, BatchesPerEpoch);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>The next batch, waiting for it if need be. False at the end of the epoch.</summary>
    /// <param name="batch">The batch; give it back by <see cref="Return"/>.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="InputException">A picture cannot be read; names the file. The epoch is over then.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool TryNext(out Batch batch, CancellationToken cancellation = default)
    {
        var start = _options.Time.GetTimestamp();
        try
        {
            return TakeNext(out batch, cancellation);
        }
        finally
        {
            Interlocked.Add(ref _waitedTicks, _options.Time.GetElapsedTime(start).Ticks);
        }
    }

    /// <summary>Gives a batch back so that its memory is used again.</summary>
    public void Return(Batch batch)
    {
        lock (_lock)
        {
            _free.Push(batch);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// Stops the workers; those that are decoding finish their picture first. One whose file does not arrive is
    /// abandoned after <see cref="BatchLoaderOptions.Grace"/>:
    /// it ends, and touches nothing, when its read returns.
    /// </summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.PulseAll(_lock);
        }
        var start = Environment.TickCount64;
        foreach (var thread in _threads)
        {
            thread.Join(TimeSpan.FromMilliseconds(
                Math.Max(0, _options.Grace.TotalMilliseconds - (Environment.TickCount64 - start))));
        }
    }

    private static void Check(IReadOnlyList<Sample> samples, int classes, BatchLoaderOptions options)
    {
        if (samples.Count == 0)
            throw new InputException("the list of pictures is empty; at least one is needed");
        if (options.BatchSize < 1)
            throw new InputException($"batch size {options.BatchSize}: at least 1 is needed");
        var size = options.Preparation.ImageSize;
        if (size < 1)
            throw new InputException($"image size {size}: at least 1 pixel is needed");
        if (options.Workers is < 0 or > 256)
            throw new InputException($"{options.Workers} workers: use 0 to 256");
        if (options.BatchesAhead < 1)
            throw new InputException($"{options.BatchesAhead} batches ahead: at least 1 is needed");
        if (options.SpliceMix is not (>= 0 and <= 1))
            throw new InputException($"{options.SpliceMix} mixed pictures for each picture: use 0 to 1");
        if (options.SpliceMix > 0 && size < LeastSizeOfMixed)
            throw new InputException($"image size {size}: mixed pictures need {LeastSizeOfMixed} pixels or more");
        var pictures = options.BatchSize + (long)PictureSplicing.Extra(options.BatchSize, options.SpliceMix);
        if (pictures * size * size * 3 > Array.MaxLength)
        {
            throw new InputException($"batch size {options.BatchSize} at image size {size} is too large; "
                + $"make one of them smaller");
        }
        foreach (var sample in samples)
        {
            sample.Raw?.Require(options.Preparation);
            if (sample.Labels.Length != classes)
                throw new InputException($"{sample.Name}: has {sample.Labels.Length} labels, expected {classes}");
            if (sample.SoftLabels is { } soft
                && (soft.Count != classes || soft.Any(target => target is not (-1f or (>= 0f and <= 1f)))))
            {
                throw new InputException(
                    $"{sample.Name}: its soft targets must be {classes} numbers from 0 to 1, or -1 where unknown");
            }
        }
    }

    private bool TakeNext(out Batch batch, CancellationToken cancellation)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_epochsStarted == 0)
                throw new InvalidOperationException("call StartEpoch before TryNext");
            batch = null!;
            if (_nextToGive >= BatchesPerEpoch)
                return false;
            cancellation.ThrowIfCancellationRequested();
            batch = _threads.Length == 0 ? MakeHere() : WaitForNext(cancellation);
            _nextToGive++;
            Monitor.PulseAll(_lock);
            if (batch.Failure is not { } failure)
                return true;
            batch.Failure = null;
            _free.Push(batch);
            _nextToMake = _nextToGive = BatchesPerEpoch;
            ExceptionDispatchInfo.Throw(failure);
            return false;
        }
    }

    // An order may hold a sample twice: each time it is changed in another way.
    private void CountOccurrences()
    {
        if (_occurrences.Length == 0)
            return;
        var seen = new int[_order.Length];
        for (var i = 0; i < _order.Length; i++)
            _occurrences[i] = seen[_order[i]]++;
    }

    private SeededRandom? RandomOf(int place) => _occurrences.Length == 0
        ? null
        : new SeededRandom(_options.Seed).Derive("augmentation").Derive((ulong)_epoch).Derive((ulong)_order[place])
            .Derive((ulong)_occurrences[place]);

    private Batch NewBatch()
    {
        var samples = Math.Min(_options.BatchSize, _order.Length);
        var mixed = PictureSplicing.Extra(samples, _options.SpliceMix);
        return new Batch(samples, _options.Preparation.ImageSize, _classes, _soft, mixed);
    }

    private void RecycleReady()
    {
        for (var i = 0; i < _ready.Length; i++)
        {
            if (_ready[i] is not { } batch)
                continue;
            batch.Failure = null;
            _free.Push(batch);
            _ready[i] = null;
        }
    }

    private Batch MakeHere()
    {
        var batch = _free.Count > 0 ? _free.Pop() : NewBatch();
        Fill(batch, _nextToGive);
        _nextToMake = _nextToGive + 1;
        return batch;
    }

    private Batch WaitForNext(CancellationToken cancellation)
    {
        while (_ready[_nextToGive] is null)
        {
            // A consumer that keeps its batches leaves no buffer: then there must be one more, or both would wait for
            // ever.
            if (_free.Count == 0 && _nextToMake == _nextToGive)
            {
                _free.Push(NewBatch());
                Monitor.PulseAll(_lock);
            }
            Monitor.Wait(_lock, CancellationLatency);
            ObjectDisposedException.ThrowIf(_stopping, this); // by another thread: no more batches are made
            cancellation.ThrowIfCancellationRequested();
        }
        var batch = _ready[_nextToGive]!;
        _ready[_nextToGive] = null;
        return batch;
    }

    private void Work()
    {
        while (true)
        {
            Batch batch;
            int number;
            lock (_lock)
            {
                while (!_stopping && !CanMake())
                    Monitor.Wait(_lock);
                if (_stopping)
                    return;
                batch = _free.Pop();
                number = _nextToMake++;
                _making++;
            }
            Fill(batch, number);
            lock (_lock)
            {
                _making--;
                _ready[number] = batch;
                Monitor.PulseAll(_lock);
            }
        }
    }

    private bool CanMake() =>
        _nextToMake < BatchesPerEpoch && _nextToMake < _nextToGive + _options.BatchesAhead && _free.Count > 0;

    private void Fill(Batch batch, int number)
    {
        var first = number * _options.BatchSize;
        batch.Count = Math.Min(_options.BatchSize, _order.Length - first);
        batch.Mixed = 0;
        batch.Failure = null;
        try
        {
            for (var i = 0; i < batch.Count && !Volatile.Read(ref _stopping); i++)
            {
                batch.SampleIndices[i] = _order[first + i];
                _reader.Read(_order[first + i], i, batch, RandomOf(first + i));
            }
            _mixer?.Append(batch, _epoch, number);
        }
#pragma warning disable CA1031 // whatever it is, the consumer must see it, and in its turn
        catch (Exception e)
        {
            batch.Failure = e;
        }
#pragma warning restore CA1031
    }
}
