namespace Flixstock.Tests;

/// <summary>A fault planted in one of our kernels.</summary>
/// <param name="File">In <c>kernels/</c>.</param>
/// <param name="Text">What it says.</param>
/// <param name="Fault">What it is made to say.</param>
/// <param name="Calls">What the names of the calls that meet it begin with.</param>
public sealed record PlantedFault(string File, string Text, string Fault, string Calls)
{
    public override string ToString() => $"{File}: {Text.Split('\n')[0]} -> {Fault.Split('\n')[0]}";
}

/// <summary>The faults of one operation's kernels: a class in its folder, which is found by itself.</summary>
internal interface IPlantedFaults
{
    IEnumerable<PlantedFault> All { get; }
}
