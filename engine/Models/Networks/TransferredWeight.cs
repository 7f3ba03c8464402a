namespace Flixstock.Engine;

/// <summary>What became of a tensor when weights of another task were taken over.</summary>
public enum TransferKind
{
    /// <summary>The file's value.</summary>
    Loaded,
    /// <summary>The network's own fresh value: the file has none that fits.</summary>
    New,
    /// <summary>In the file, not in the network.</summary>
    Ignored,
}

/// <summary>A tensor of a file or a network, and what became of it.</summary>
/// <param name="Name">Published name.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Shape">As <c>[64, 48, 3, 3]</c>: the network's, of an ignored one the file's.</param>
/// <param name="Elements">Number of elements.</param>
public sealed record TransferredWeight(string Name, TransferKind Kind, string Shape, long Elements);
