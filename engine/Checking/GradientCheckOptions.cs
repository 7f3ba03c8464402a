namespace Flixstock.Engine;

/// <summary>Options of a <see cref="GradientCheck"/>.</summary>
public sealed record GradientCheckOptions
{
    /// <summary>Seed of the random input, parameters and loss.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Batch statistics, or running ones.</summary>
    public bool Training { get; init; } = true;

    /// <summary>
    /// First step of the differences, for values of size 1. If a kink lies within it, smaller ones are tried: a quarter
    /// of it, three times over.
    /// </summary>
    public double Step { get; init; } = 1.0 / 128;

    /// <summary>Number of entries checked in each tensor; a random choice for larger tensors.</summary>
    public int EntriesPerTensor { get; init; } = 40;

    /// <summary>Single-precision roundings in a row that an output may have suffered: more for deeper layers.</summary>
    public double RoundoffFactor { get; init; } = 8;

    /// <summary>A check that must leave out more than this share of its entries fails.</summary>
    public double LargestSkippedShare { get; init; } = 0.25;
}
