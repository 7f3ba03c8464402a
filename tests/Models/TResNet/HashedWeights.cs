using System.Text;
using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>
/// Weights from a hash of their names, as golden/README.md defines them, so that full networks need no file.
/// </summary>
internal static class HashedWeights
{
    public static double Uniform(string name, long index) =>
        (SplitMix(Fnv(name) + (ulong)index) >> 40) / (double)(1 << 24);

    /// <summary>Every parameter of the network from its published name.</summary>
    public static void Fill(TResNet network)
    {
        var state = new StateDict();
        foreach (var parameter in network.Buffer.Parameters)
        {
            var shape = PublishedLayout.ShapeOf(parameter);
            var values = new float[parameter.Shape.Count];
            var (name, hash) = (parameter.Name, Fnv(parameter.Name));
            var bound = Math.Sqrt(3.0 / (values.Length / shape[0]));
            for (var i = 0; i < values.Length; i++)
            {
                var u = (SplitMix(hash + (ulong)i) >> 40) / (double)(1 << 24);
                values[i] = (float)(shape.Length > 1
                    ? (2 * u - 1) * bound
                    : name.EndsWith(".bias", StringComparison.Ordinal)
                        || name.EndsWith(".running_mean", StringComparison.Ordinal)
                        ? (u - 0.5) * 0.2
                        : 0.5 + u);
            }
            state.Add(StateTensors.From(name, shape, values));
        }
        network.Load(state);
    }

    /// <summary>[1, size, size, 3]</summary>
    public static Tensor Input(Device device, int size)
    {
        var values = new float[3 * size * size];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)Uniform("input", i);
        return TestTensors.ToNhwc(StateTensors.From("input", [1, 3, size, size], values), device);
    }

    private static ulong Fnv(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ value) * 1099511628211UL;
        return hash;
    }

    private static ulong SplitMix(ulong state)
    {
        var z = state + 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
