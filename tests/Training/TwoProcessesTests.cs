using Flixstock.Engine;
using Flixstock.Tests.Operations;

namespace Flixstock.Tests.Training;

/// <summary>Two training steps with half a batch each that merge statistics and gradients, and one with all.</summary>
[NonParallelizable]
public sealed class TwoProcessesTests
{
    private const int Pictures = 8, Steps = 3, Side = 32, Classes = 21;

    [Test]
    public void TheirWeightsAreEqualAndThoseOfOneProcess()
    {
        var expected = Train(new Range(0, Pictures), statistics: null, reducer: null);
        using var exchange = new ThreadExchange(2);
        var results = new float[2][];
        Exception?[] failures = new Exception?[2];
        var threads = new Thread[2];
        for (var process = 0; process < 2; process++)
        {
            var rank = process;
            var half = new Range(rank * Pictures / 2, (rank + 1) * Pictures / 2);
            threads[rank] = new Thread(() =>
            {
                try
                {
                    results[rank] = Train(half, device => exchange.Of(rank, device), exchange.Gradients(rank));
                }
                catch (Exception e)
                {
                    failures[rank] = e;
                }
            });
            threads[rank].Start();
        }
        foreach (var thread in threads)
            thread.Join();
        Assert.That(failures, Is.All.Null);
        Assert.That(results[0], Same.As(results[1]));
        TestTensors.AssertClose(results[0], expected, 1e-4 * TestTensors.Largest(expected), "weights");
        // Without the reducers each half would train a network by itself.
        var alone = Train(new Range(0, Pictures / 2), statistics: null, reducer: null);
        Assert.That(Distance(alone, expected), Is.GreaterThan(10 * Distance(results[0], expected)));
    }

    private static double Distance(float[] a, float[] b) =>
        Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum());

    private static float[] Train(
        Range pictures, Func<Device, IStatisticsReducer>? statistics, IGradientReducer? reducer)
    {
        var count = pictures.End.Value - pictures.Start.Value;
        using var backend = Backend.Cpu(1);
        using var network = TinyTraining.Options.Model(Classes).Create(backend);
        network.Initialize(3);
        using var loss = new SelectiveLoss(
            backend, SelectiveLossOptions.Default with { Mode = PartialLossMode.Negative });
        var options = (TinyTraining.Options with { BatchSize = count }).Steps(new OneCycleSchedule(1e-3, 10), count);
        using var step = new TrainingStep(
            network, loss, options with { Statistics = statistics?.Invoke(backend.Device), Reducer = reducer });
        for (var i = 1; i <= Steps; i++)
            step.Run(Part(i, pictures), i);
        step.Finish();
        return backend.Device.ToHost<float>(network.Buffer.Values);
    }

    private static Batch Part(int step, Range pictures)
    {
        var (bytes, random) = (Side * Side * 3, new SeededRandom((ulong)step));
        var (pixels, labels) = (new byte[Pictures * bytes], new sbyte[Pictures * Classes]);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)random.Next(256);
        for (var i = 0; i < labels.Length; i++)
            labels[i] = (sbyte)(random.Next(3) - 1);
        var (first, count) = pictures.GetOffsetAndLength(Pictures);
        var batch = new Batch(count, Side, Classes) { Count = count };
        pixels.AsSpan(first * bytes, count * bytes).CopyTo(batch.Pixels);
        labels.AsSpan(first * Classes, count * Classes).CopyTo(batch.Labels);
        return batch;
    }
}
