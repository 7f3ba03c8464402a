namespace Flixstock.Engine;

public sealed partial class TResNet
{
    /// <summary>Writes the network down as a flat list of steps with its present values.</summary>
    internal void Fold(FoldedBuilder builder)
    {
        var value = builder.Add(new SpaceToDepthStep(_spaceToDepth.Name, 0, SpaceToDepthBlock));
        value = _stem.Fold(builder, value);
        foreach (var block in _blocks)
            value = block.Fold(builder, value);
        value = builder.Add(new GlobalAveragePoolStep(_pool.Name, value));
        foreach (var linear in _head)
            value = builder.Linear(linear, value);
    }
}
