using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>Looks at the beginning of a JSON file, to tell what it is without reading it.</summary>
internal static class JsonStart
{
    private const int Most = 4096;

    /// <summary>
    /// The name of the first property of the object that a file holds; null if it holds none, or cannot be read.
    /// </summary>
    public static string? FirstProperty(string path)
    {
        if (FileKind.IsPipe(path))
            return null; // the inspected part would be gone
        FileKind.Require(path);
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new byte[Most];
            var length = stream.ReadAtLeast(bytes, Most, throwOnEndOfStream: false);
            var text = bytes.AsSpan(0, length);
            var reader = new Utf8JsonReader(
                text.StartsWith("\uFEFF"u8) ? text[3..] : text, isFinalBlock: false, default);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.Read()
                && reader.TokenType == JsonTokenType.PropertyName
                ? reader.GetString()
                : null;
        }
        catch (Exception e)
            when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null; // the reader of the file reports what is wrong with it
        }
    }
}
