using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>Transforms the weight gradient's products to [K, 3, 3, C]. A chunk is an output channel.</summary>
/// <param name="inputs">Number of the input's channels, a multiple of a register.</param>
/// <param name="outputs">Number of the output's channels.</param>
/// <param name="products">[36][output][input]</param>
/// <param name="dw">The weight gradient.</param>
internal readonly unsafe struct WinogradWeight<L>(int inputs, int outputs, float* products, float* dw) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int Side = WinogradTransform.Inputs, Taps = 3;

    /// <inheritdoc />
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var stride = WinogradWeightProduct<L>.Stride(inputs, outputs);
        var half = stackalloc float[Taps * Side * L.Count];
        for (var c = 0; c < inputs; c += L.Count)
        {
            for (var s = 0; s < Side; s++)
            {
                var from = products + (s * stride) + ((long)chunk * inputs) + c;
                WinogradTransform.Weight(
                    L.Load(from), L.Load(from + Side * stride), L.Load(from + 2 * Side * stride),
                    L.Load(from + 3 * Side * stride), L.Load(from + 4 * Side * stride),
                    L.Load(from + 5 * Side * stride), out var w0, out var w1, out var w2);
                var to = half + s * L.Count;
                L.Store(w0, to);
                L.Store(w1, to + Side * L.Count);
                L.Store(w2, to + 2 * Side * L.Count);
            }
            for (var r = 0; r < Taps; r++)
            {
                var from = half + r * Side * L.Count;
                WinogradTransform.Weight(
                    L.Load(from), L.Load(from + L.Count), L.Load(from + 2 * L.Count), L.Load(from + 3 * L.Count),
                    L.Load(from + 4 * L.Count), L.Load(from + 5 * L.Count), out var w0, out var w1, out var w2);
                var to = dw + (((long)chunk * Taps + r) * Taps * inputs) + c;
                L.Store(w0, to);
                L.Store(w1, to + inputs);
                L.Store(w2, to + 2 * inputs);
            }
        }
    }
}
