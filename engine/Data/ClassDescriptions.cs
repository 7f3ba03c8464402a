using System.Globalization;
using CsvHelper;

namespace Flixstock.Engine;

/// <summary>Names of classes by their identifier, as OpenImages publishes them: a CSV with the heading <c>LabelName,DisplayName</c>.</summary>
public static class ClassDescriptions
{
    private static readonly CsvReaderOptions Options = new()
    {
        Separator = ',',
        FormatProvider = CultureInfo.InvariantCulture,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        MissingField = CsvMissingFieldHandling.Throw,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <summary>Reads such a file.</summary>
    /// <exception cref="InputException">It cannot be read or is not such a file; names it.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        try
        {
            using var reader = CsvReader.FromText(File.ReadAllText(path), Options);
            reader.ReadHeader();
            if (reader.Headers.Count != 2)
                throw new InputException($"{path}: has {reader.Headers.Count} columns; expected LabelName,DisplayName");
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            while (reader.Read())
                names[reader.GetString(0)] = reader.GetString(1);
            return names;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CsvFormatException or CsvValidationException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
