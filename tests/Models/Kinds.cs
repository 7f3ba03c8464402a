using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>The backends a test runs on.</summary>
internal static class Kinds
{
    public static string[] All => ["reference"];

    public static Backend Open(string kind) => kind == "reference" ? Backend.Reference() : Backend.Cpu();
}
