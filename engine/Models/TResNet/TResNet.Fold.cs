namespace Flixstock.Engine;

public sealed partial class TResNet
{
    /// <summary>Writes the network down as a flat list of steps with its present values.</summary>
    internal void Fold(FoldedBuilder builder)
    {
        var value = builder.Add(new FoldedStep(FoldedKind.SpaceToDepth, _spaceToDepth.Name, 0) { Block = SpaceToDepthBlock });
        value = builder.ConvolutionAbn(_stem, value);
        foreach (var block in _blocks)
            value = block.Fold(builder, value);
        value = builder.Add(new FoldedStep(FoldedKind.GlobalAveragePool, _pool.Name, value));
        foreach (var linear in _head)
            value = builder.Linear(linear.Name, linear.Weight, linear.Bias, ActivationKind.None, value);
    }
}
