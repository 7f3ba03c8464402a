using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>A process alone, which has nothing to merge and counts how often it is asked.</summary>
internal sealed class LoneReducer : IStatisticsReducer
{
    public int Processes => 1;

    public int Process => 0;

    public int Gathered { get; private set; }

    public int Added { get; private set; }

    public void GatherMoments(Tensor moments) => Gathered++;

    public void AddSums(Tensor sums) => Added++;
}

/// <summary>
/// Processes that are threads of this one, and exchange over its memory; each has a device of its own.
/// </summary>
internal sealed class ThreadExchange(int processes) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly Barrier _barrier = new(processes);
    private readonly float[][] _parts = new float[processes][];

    public IStatisticsReducer Of(int process, Device device) => new Member(this, process, device);

    /// <summary>Adds the gradients of all processes; each waits for the others.</summary>
    public IGradientReducer Gradients(int process) => new GradientMember(this, process);

    public void Dispose() => _barrier.Dispose();

    private float[][] Exchange(int process, float[] own)
    {
        _parts[process] = own;
        Wait();
        float[][] all = [.. _parts];
        Wait();
        return all;
    }

    private void Wait()
    {
        if (!_barrier.SignalAndWait(Patience))
            throw new TimeoutException("the other process does not answer");
    }

    private sealed class Member(ThreadExchange exchange, int process, Device device) : IStatisticsReducer
    {
        public int Processes => exchange._parts.Length;

        public int Process => process;

        public void GatherMoments(Tensor moments)
        {
            var own = new Shape(3, moments.Shape.Channels);
            var part = device.ToHost<float>(moments.Slice(own.Count * process, own));
            device.CopyFromHost<float>([.. exchange.Exchange(process, part).SelectMany(values => values)], moments);
        }

        public void AddSums(Tensor sums)
        {
            var all = exchange.Exchange(process, device.ToHost<float>(sums));
            device.CopyFromHost<float>([.. all[0].Select((_, i) => all.Sum(values => values[i]))], sums);
        }
    }

    private sealed class GradientMember(ThreadExchange exchange, int process) : IGradientReducer
    {
        public void Reduce(ParameterBuffer parameters)
        {
            var (device, sum) = (parameters.Device, parameters.Gradients);
            var all = exchange.Exchange(process, device.ToHost<float>(sum));
            device.CopyFromHost<float>([.. all[0].Select((_, i) => all.Sum(values => values[i]))], sum);
        }
    }
}
