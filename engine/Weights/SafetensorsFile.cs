namespace Flixstock.Engine;

/// <summary>
/// The safetensors format (https://github.com/huggingface/safetensors): 8 bytes header length, a JSON header, the data.
/// Reading trusts nothing: any fault is one <see cref="InputException"/> that names the file. Writing gives the same
/// bytes for the same contents.
/// </summary>
public static partial class SafetensorsFile
{
    private const string MetadataKey = "__metadata__";

    // The names of the format, which are those of the enumeration in upper case.
    private static readonly Dictionary<string, StateType> Types = Enum.GetValues<StateType>()
        .ToDictionary(NameOf, StringComparer.Ordinal);

    private static string NameOf(StateType type) => type.ToString().ToUpperInvariant();
}
