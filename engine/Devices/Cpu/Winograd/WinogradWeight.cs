using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>Transforms the weight gradient's products to [K, 3, 3, C]. A chunk is an output channel.</summary>
/// <param name="inputs">Number of the input's channels.</param>
/// <param name="outputs">Number of the output's channels.</param>
/// <param name="products">[36][output][input], padded to whole blocks.</param>
/// <param name="dw">The weight gradient.</param>
internal readonly unsafe struct WinogradWeight<L>(int inputs, int outputs, float* products, float* dw) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int Side = WinogradTransform.Inputs, Taps = 3;

    /// <inheritdoc />
    public void Execute(int chunk)
    {
        var whole = inputs / L.Count * L.Count;
        Transform<L>(chunk, 0, whole);
        Transform<Lanes1>(chunk, whole, inputs);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform<W>(int output, int first, int end) where W : unmanaged, ILanes<W>
    {
        var stride = WinogradWeightProduct<L>.Stride(inputs, outputs);
        var half = stackalloc float[Taps * Side * W.Count];
        for (var c = first; c < end; c += W.Count)
        {
            for (var s = 0; s < Side; s++)
            {
                var from = products + (s * stride) + ((long)output * GatherGemm<L>.Padded(inputs)) + c;
                WinogradTransform.Weight(
                    W.Load(from), W.Load(from + Side * stride), W.Load(from + 2 * Side * stride),
                    W.Load(from + 3 * Side * stride), W.Load(from + 4 * Side * stride),
                    W.Load(from + 5 * Side * stride), out var w0, out var w1, out var w2);
                var to = half + s * W.Count;
                W.Store(w0, to);
                W.Store(w1, to + Side * W.Count);
                W.Store(w2, to + 2 * Side * W.Count);
            }
            for (var r = 0; r < Taps; r++)
            {
                var from = half + r * Side * W.Count;
                WinogradTransform.Weight(
                    W.Load(from), W.Load(from + W.Count), W.Load(from + 2 * W.Count), W.Load(from + 3 * W.Count),
                    W.Load(from + 4 * W.Count), W.Load(from + 5 * W.Count), out var w0, out var w1, out var w2);
                var to = dw + (((long)output * Taps + r) * Taps * inputs) + c;
                W.Store(w0, to);
                W.Store(w1, to + inputs);
                W.Store(w2, to + 2 * inputs);
            }
        }
    }
}
