namespace Flixstock.Engine;

/// <summary>What became of a tensor when the weights of another task were loaded.</summary>
public enum TransferKind
{
    /// <summary>The file's value.</summary>
    Loaded,
    /// <summary>The network's own fresh value: the file has none that fits.</summary>
    New,
    /// <summary>Present in the file but not in the network.</summary>
    Ignored,
}

/// <summary>A tensor of a file or a network, and what became of it.</summary>
/// <param name="Name">Published name of the tensor.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Shape">Shape, such as <c>[64, 48, 3, 3]</c>: the network's, or for an ignored tensor the
/// file's.</param>
/// <param name="Elements">Number of elements.</param>
public sealed record TransferredWeight(string Name, TransferKind Kind, string Shape, long Elements);
