using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>
/// JSON that is checked when it is parsed: what would be an exception at a later access (a property that occurs twice,
/// half a character)
/// is one at once.
/// </summary>
internal static partial class StrictJson
{
    /// <summary>Parses a text.</summary>
    /// <exception cref="JsonException">It is no such JSON.</exception>
    public static JsonNode? Parse(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        RequireWholeCharacters(utf8);
        RequireUniqueProperties(utf8);
        return JsonNode.Parse(text);
    }

    /// <summary>
    /// Refuses objects that have a property twice. The framework's own check draws a random number from OpenSSL, and
    /// where that is not installed the process ends.
    /// </summary>
    /// <exception cref="JsonException">There is one, or it is no JSON.</exception>
    public static void RequireUniqueProperties(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        var open = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                open.Push(new HashSet<string>(StringComparer.Ordinal));
            else if (reader.TokenType == JsonTokenType.EndObject)
                open.Pop();
            else if (reader.TokenType == JsonTokenType.PropertyName && !open.Peek().Add(reader.GetString()!))
                throw Twice(reader);
        }
    }

    private static JsonException Twice(in Utf8JsonReader reader) =>
        new($"byte {reader.TokenStartIndex}: the property '{reader.GetString()}' occurs twice");

    /// <summary>Why a text was refused, in one line and without names of this program's types.</summary>
    /// <param name="refusal">What the parser said.</param>
    public static string Reason(JsonException refusal)
    {
        var message = refusal.Message.ReplaceLineEndings(" ");
        if (message.Contains("could not be converted", StringComparison.Ordinal))
            return $"line {refusal.LineNumber + 1}: {refusal.Path} does not take that kind of value";
        if (Unknown().Match(message) is { Success: true } unknown)
            return $"there is no property {unknown.Groups[1].Value}";
        return Missing().Match(message) is { Success: true } missing
            ? $"properties are missing: {missing.Groups[1].Value}"
            : message;
    }

    [GeneratedRegex("property ('[^']*') could not be mapped")]
    private static partial Regex Unknown();

    [GeneratedRegex("missing required properties including: (.*?)\\.?$")]
    private static partial Regex Missing();

    /// <summary>Refuses texts that hold half a pair of escapes, as <c>\ud800</c>.</summary>
    /// <exception cref="JsonException">There is one, or it is no JSON.</exception>
    public static void RequireWholeCharacters(
        ReadOnlySpan<byte> utf8, JsonCommentHandling comments = JsonCommentHandling.Disallow)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions
        {
            CommentHandling = comments,
            AllowTrailingCommas = comments != JsonCommentHandling.Disallow,
        });
        while (reader.Read())
        {
            if (!reader.ValueIsEscaped)
                continue;
            try
            {
                _ = reader.GetString();
            }
            catch (InvalidOperationException e)
            {
                throw new JsonException($"byte {reader.TokenStartIndex}: the text holds half a character", e);
            }
        }
    }
}
