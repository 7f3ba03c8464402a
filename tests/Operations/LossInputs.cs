using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>What a loss reads, at random: logits in steps of 1/4, which tie often, labels and a prior.</summary>
internal static class LossInputs
{
    /// <param name="device">Where the tensors go.</param>
    /// <param name="batch">N</param>
    /// <param name="classes">K</param>
    /// <param name="unknown">Share of the labels that are unknown.</param>
    /// <returns>[N, K], [N, K] Int8, [K]</returns>
    public static (Tensor Logits, Tensor Labels, Tensor Prior) Of(Device device, int batch, int classes, double unknown)
    {
        var random = new Random(7);
        var shape = new Shape(batch, classes);
        float[] logits = [.. Enumerable.Range(0, batch * classes).Select(_ => random.Next(-20, 20) / 4f)];
        sbyte[] labels = [.. logits.Select(_ => random.NextDouble() < unknown ? (sbyte)-1 : (sbyte)random.Next(2))];
        float[] prior = [.. Enumerable.Range(0, classes).Select(_ => random.NextSingle())];
        return (
            device.FromHost<float>(logits, shape),
            device.FromHost<sbyte>(labels, shape, ElementType.Int8),
            device.FromHost<float>(prior, new Shape(classes)));
    }
}
