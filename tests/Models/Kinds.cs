using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>The backends that can run whole networks.</summary>
internal static class Kinds
{
    public static string[] All => TestTensors.Backends;

    public static Backend Open(string kind) => TestTensors.Open(kind);
}
