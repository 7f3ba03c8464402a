using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>
/// JSON that is checked when it is parsed: what would be an exception at a later access (a property that occurs twice,
/// half a character)
/// is one at once.
/// </summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>Parses a text.</summary>
    /// <exception cref="JsonException">It is no such JSON.</exception>
    public static JsonNode? Parse(string text)
    {
        RequireWholeCharacters(Encoding.UTF8.GetBytes(text));
        return JsonNode.Parse(text, documentOptions: Options);
    }

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
