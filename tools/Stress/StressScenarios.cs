using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Stress;

/// <summary>One way to use predictors from several threads.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Run">One round, by its number.</param>
public sealed record StressScenario(string Name, Func<int, StressReport> Run);

/// <summary>
/// The ways that programs are known to use: every result is compared to the bit with that of one thread alone. A
/// disposal is begun while others call; what comes later must be refused, what runs must end as if nothing had been.
/// </summary>
public sealed class StressScenarios : IDisposable
{
    private const int Pictures = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly StressLoad _load;
    private readonly Checkpoint[] _checkpoints;
    private readonly RgbPicture[] _pictures = [.. Enumerable.Range(0, Pictures).Select(Noise)];
    private readonly float[][][] _alone; // [checkpoint, picture] probabilities
    private readonly string _folder = Directory.CreateTempSubdirectory("flixstock-stress-").FullName;
    private readonly string _file;
    private readonly string[] _samples; // files of the training next to predictors

    private StressScenarios(StressLoad load)
    {
        _load = load;
        _checkpoints = [.. Enumerable.Range(0, load.Threads).Select(MakeCheckpoint)];
        using var backend = load.NewBackend();
        _alone = [.. _checkpoints.Select(checkpoint =>
        {
            using var predictor = new Predictor(checkpoint, backend);
            return _pictures.Select(picture => predictor.Predict(picture).Probabilities).ToArray();
        })];
        _file = Path.Combine(_folder, "small.safetensors");
        _checkpoints[0].Save(_file);
        _samples = [.. Enumerable.Range(0, 4).Select(i => Path.Combine(_folder, $"{i}.png"))];
        for (var i = 0; i < _samples.Length; i++)
            PictureWriter.WritePng(_samples[i], Noise(i));
    }

    /// <summary>All of them; the first one prepares, the last one cleans up.</summary>
    public static IEnumerable<StressScenario> All(StressLoad load)
    {
        using var scenarios = new StressScenarios(load);
        yield return new("predictors on one backend", _ => scenarios.OneBackend(disposals: false));
        yield return new("the same, half disposed of in the middle", _ => scenarios.OneBackend(disposals: true));
        yield return new("the same, the backend disposed of in the middle", _ => scenarios.BackendGoes());
        yield return new("one predictor, disposed of in the middle", _ => scenarios.OnePredictor());
        yield return new("predictors of one checkpoint", _ => scenarios.OneCheckpoint());
        if (load.Open is null)
            yield return new("predictors with backends of their own", _ => scenarios.OwnBackends());
        yield return new("predictors loaded, used and disposed of", _ => scenarios.LoadedAgainAndAgain());
        yield return new("a training next to predictors", _ => scenarios.NextToTraining());
    }

    /// <summary>Removes the files.</summary>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private StressReport OneBackend(bool disposals)
    {
        using var backend = _load.NewBackend();
        var predictors = _checkpoints.Select(checkpoint => new Predictor(checkpoint, backend)).ToArray();
        var report = OnThreads(_load.Threads, (thread, call, report) =>
        {
            if (disposals && call == _load.Calls / 2 && thread % 2 == 0)
                predictors[thread].Dispose();
            var which = (thread + call) % predictors.Length;
            Predict(predictors[which], which, call, report, mayBeGone: disposals && which % 2 == 0);
        });
        foreach (var predictor in predictors)
            predictor.Dispose();
        return report;
    }

    private StressReport BackendGoes()
    {
        var backend = _load.NewBackend();
        var predictors = _checkpoints.Select(checkpoint => new Predictor(checkpoint, backend)).ToArray();
        var report = OnThreads(_load.Threads, (thread, call, report) =>
        {
            if (call == _load.Calls / 2 && thread == 0)
                backend.Dispose();
            Predict(
                predictors[(thread + call) % predictors.Length], (thread + call) % predictors.Length, call, report,
                mayBeGone: true);
        });
        foreach (var predictor in predictors)
            predictor.Dispose();
        return report;
    }

    private StressReport OnePredictor()
    {
        using var backend = _load.NewBackend();
        var predictor = new Predictor(_checkpoints[0], backend);
        return OnThreads(_load.Threads, (thread, call, report) =>
        {
            if (call == _load.Calls / 2 && thread < 2) // two at once
                predictor.Dispose();
            Predict(predictor, 0, call, report, mayBeGone: true);
        });
    }

    private StressReport OneCheckpoint()
    {
        using var backend = _load.NewBackend();
        using var file = Checkpoint.Load(_file);
        return OnThreads(_load.Threads, (_, call, report) =>
        {
            if (call % 20 > 0)
                return; // what is made is made from the same mapped file by all threads
            using var predictor = new Predictor(file, backend);
            for (var i = 0; i < 20; i++)
                Predict(predictor, 0, call + i, report, mayBeGone: false);
        });
    }

    private StressReport OwnBackends()
    {
        var predictors = _checkpoints.Select(checkpoint => new Predictor(checkpoint)).ToArray();
        return OnThreads(_load.Threads, (thread, call, report) =>
        {
            if (call == _load.Calls / 2)
                predictors[thread].Dispose();
            var which = (thread + call) % predictors.Length;
            Predict(predictors[which], which, call, report, mayBeGone: true);
        });
    }

    private StressReport LoadedAgainAndAgain()
    {
        using var backend = _load.NewBackend();
        return OnThreads(_load.Threads, (thread, call, report) =>
        {
            if (call % 10 > 0)
                return;
            using var predictor = Predictor.Load(_file, backend);
            for (var i = 0; i < 10; i++)
                Predict(predictor, 0, thread + call + i, report, mayBeGone: false);
        });
    }

    private StressReport NextToTraining()
    {
        using var backend = _load.NewBackend();
        var expected = Train(backend);
        using var predictor = new Predictor(_checkpoints[0], backend);
        return OnThreads(_load.Threads, (thread, call, report) =>
        {
            if (thread > 0)
                Predict(predictor, 0, call, report, mayBeGone: false);
            else if (call % Math.Max(1, _load.Calls / 2) == 0)
                report.Called(Train(backend).AsSpan().SequenceEqual(expected));
        });
    }

    // Two steps of a small training, its weights as they are afterwards.
    private float[] Train(Backend backend)
    {
        using var network = new TResNet(backend, Small(5));
        network.Initialize(5);
        using var step = new TrainingStep(
            network, new SelectiveLoss(backend),
            new TrainerOptions { ImageSize = 32, BatchSize = 2 }.Steps(new OneCycleSchedule(1e-3, 10), 4));
        using var loader = new BatchLoader(
            [.. Enumerable.Range(0, 4).Select(i => new Sample($"{i}", _samples[i], new sbyte[] { 1, 0, -1, 1, 0 }))], 5,
            new BatchLoaderOptions { BatchSize = 2, Preparation = new(32), Workers = 0 });
        loader.StartEpoch(0);
        for (var taken = 1; loader.TryNext(out var batch); taken++)
        {
            step.Run(batch, taken);
            loader.Return(batch);
        }
        step.Finish();
        return backend.Device.ToHost<float>(network.Buffer.Values);
    }

    private void Predict(Predictor predictor, int which, int call, StressReport report, bool mayBeGone)
    {
        var picture = call % Pictures;
        try
        {
            report.Called(
                predictor.Predict(_pictures[picture]).Probabilities.AsSpan().SequenceEqual(_alone[which][picture]));
        }
        catch (ObjectDisposedException) when (mayBeGone)
        {
            report.WasRefused();
        }
    }

    // Threads of their own: the pool would start them one by one.
    private StressReport OnThreads(int count, Action<int, int, StressReport> work)
    {
        var (report, watch) = (new StressReport(), Stopwatch.StartNew());
        using var start = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(thread => new Thread(() =>
        {
            start.SignalAndWait();
            for (var call = 0; call < _load.Calls; call++)
            {
                try
                {
                    work(thread, call, report);
                }
#pragma warning disable CA1031 // counted, and shown
                catch (Exception e)
#pragma warning restore CA1031
                {
                    report.Failed(e);
                }
            }
        })
        { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        if (!threads.TrueForAll(thread => thread.Join(Patience)))
            Environment.FailFast($"the threads hang for {Patience.TotalMinutes} minutes"); // with all stacks
        report.Seconds = watch.Elapsed.TotalSeconds;
        return report;
    }

    private static TResNetOptions Small(int classes) =>
        new() { Name = "small", Layers = [1, 1, 1, 1], Width = 0.25, Classes = classes };

    private static Checkpoint MakeCheckpoint(int seed)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, Small(AttributeTable.Garments.ClassCount));
        network.Initialize((ulong)seed + 1);
        return new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.Garments,
            Preparation = new(32),
        };
    }

    private static RgbPicture Noise(int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var picture = new RgbPicture(40 + seed, 33);
        for (var i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = (byte)random.Next(256);
        return picture;
    }
}
