using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>
/// The note in a pack of raw pixels that says how they were made: <c>pixels.json</c>, <c>{"imageSize": 224, "resize":
/// "bilinear", "exifRotate": false}</c>.
/// </summary>
internal static class RawNote
{
    /// <summary>Name of the note in the pack's folder.</summary>
    public const string FileName = "pixels.json";

    /// <summary>Ending of a picture's pixels in a shard.</summary>
    public const string Ending = ".rgb";

    private const int LargestSize = 4096;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The note as JSON.</summary>
    public static string Write(PicturePreparation preparation) => JsonSerializer.Serialize(
        new Note(
            preparation.ImageSize, preparation.Filter.ToString().ToLowerInvariant(), preparation.ExifRotate),
        Json) + "\n";

    /// <summary>How the pictures of a pack were made; null if it holds files of pictures.</summary>
    /// <param name="folder">The pack's folder.</param>
    /// <exception cref="InputException">The note is there and cannot be understood.</exception>
    public static PicturePreparation? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            var text = TextFile.ReadUtf8(path);
            StrictJson.RequireWholeCharacters(text.Span);
            StrictJson.RequireUniqueProperties(text.Span);
            var note = JsonSerializer.Deserialize<Note>(text.Span, Json)
                ?? throw new JsonException("it is empty");
            return note.ImageSize is >= 1 and <= LargestSize
                ? new PicturePreparation(
                    note.ImageSize, EnumNames.Parse<ResizeFilter>(note.Resize, "resize"), note.ExifRotate)
                : throw new InputException($"imageSize {note.ImageSize}: give 1 to {LargestSize}");
        }
        catch (Exception e) when (e is JsonException or InputException)
        {
            var reason = e is JsonException json ? StrictJson.Reason(json) : e.Message;
            throw new InputException(
                $"{path}: it does not say how the pixels were made ({reason}); pack the data set again "
                    + $"({Term.ShardPacker})",
                e);
        }
    }

    private sealed record Note(int ImageSize, string Resize, bool ExifRotate);
}
