using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>
/// An attention head: queries that look at the features, and a group of classes read from each (Ridnik et al.,
/// "ML-Decoder: Scalable and Versatile Classification Head", 2021).
/// </summary>
/// <param name="Queries">Number of queries at most; there are never more than classes.</param>
/// <param name="Width">Length of the queries' and the pixels' vectors; a multiple of <see cref="Heads"/>.</param>
/// <param name="Dropout">Share of the values that training sets to zero; 0: none.</param>
public sealed record MlDecoderOptions(int Queries = 100, int Width = 768, double Dropout = 0.1)
{
    /// <summary>Heads of the attention.</summary>
    public const int Heads = 8;

    /// <summary>Values between the two linear layers that follow the attention.</summary>
    public const int FeedForward = 2048;

    private const int MostQueries = 100_000, MostWidth = 65_536;

    /// <summary>Number of queries for so many classes.</summary>
    /// <param name="classes">Number of classes.</param>
    public int QueriesFor(int classes) => Math.Min(Queries, classes);

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="InputException">Names the one that no head can have.</exception>
    public void Validate()
    {
        if (Queries is < 1 or > MostQueries)
            throw new InputException($"{Term.DecoderQueries} {Queries}: give a number from 1 to {MostQueries}");
        if (Width is < Heads or > MostWidth || Width % Heads != 0)
        {
            throw new InputException(
                $"{Term.DecoderWidth} {Width}: give a multiple of {Heads} from {Heads} to {MostWidth}");
        }
        if (!(Dropout is >= 0 and < 1))
        {
            throw new InputException($"{Term.DecoderDropout} {Dropout}: give a number from 0 to below 1");
        }
    }

    /// <summary>How it differs from another one, for messages; null if weights of the one fit the other.</summary>
    /// <param name="own">This network's head; null: a linear one.</param>
    /// <param name="wanted">The other's.</param>
    /// <param name="classes">Number of classes of both.</param>
    internal static string? Difference(MlDecoderOptions? own, MlDecoderOptions? wanted, int classes) =>
        own?.QueriesFor(classes) == wanted?.QueriesFor(classes) && own?.Width == wanted?.Width
            ? null
            : $"{Text(own)} instead of {Text(wanted)}";

    /// <summary>As a network's description has it.</summary>
    internal JsonObject ToJson() => new() { ["queries"] = Queries, ["width"] = Width, ["dropout"] = Dropout };

    /// <summary>The reverse of <see cref="ToJson"/>.</summary>
    /// <param name="json">The object.</param>
    internal static MlDecoderOptions FromJson(JsonElement json) => new(
        json.GetProperty("queries").GetInt32(), json.GetProperty("width").GetInt32(),
        json.GetProperty("dropout").GetDouble());

    private static string Text(MlDecoderOptions? options) => options is null
        ? "a linear head"
        : $"an attention head with {options.Queries} queries of {options.Width} values";
}
