using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

public sealed partial class WeightsFile
{
    private static readonly string[] TorchEndings = [".pth", ".pt", ".ckpt"];

    /// <summary>The same weights under timm's names, with plain batch norms.</summary>
    public WeightsFile WithTimmNames() =>
        new()
        {
            Path = Path,
            Format = Format,
            State = TimmNames.FromPublished(State),
            Classes = Classes,
            ClassNames = ClassNames,
            Choice = Choice,
            Notes = Notes,
            Remarks = Remarks
        };

    /// <summary>Refuses an ending that says no kind of file.</summary>
    public static void RequireKnownEnding(string path)
    {
        if (Ending(path) is not ".safetensors" && !TorchEndings.Contains(Ending(path)))
        {
            throw new InputException($"{path}: the ending says which kind of file to write; give .safetensors, or .pth "
                + $"(.pt, .ckpt) for PyTorch");
        }
    }

    /// <summary>Writes the weights and what the file says about classes; the ending says as what.</summary>
    /// <param name="path">Ends in .safetensors, .pth, .pt or .ckpt.</param>
    /// <param name="cancellation">Stops; what was there stays.</param>
    /// <exception cref="InputException">It has another ending.</exception>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public void Write(string path, CancellationToken cancellation = default)
    {
        RequireKnownEnding(path);
        if (Ending(path) != ".safetensors")
        {
            TorchFile.Write(
                path, State, Classes ?? AttributesClasses()?.Count,
                ClassNames ?? AttributesClasses()?.Select((name, k) => (name, k))
                    .ToDictionary(pair => pair.k, pair => pair.name),
                cancellation);
        }
        else
        {
            SafetensorsFile.Write(path, WithClassMetadata(), cancellation);
        }
    }

    // safetensors holds texts only: names of classes become JSON.
    private StateDict WithClassMetadata()
    {
        var state = StateNames.Renamed(State, name => name);
        if (Classes is { } classes)
            state.Metadata[ClassCountKey] = classes.ToString(CultureInfo.InvariantCulture);
        if (ClassNames is not null)
            state.Metadata[ClassNamesKey] = JsonSerializer.Serialize(ClassNames);
        return state;
    }

    private IReadOnlyList<string>? AttributesClasses() =>
        State.Metadata.GetValueOrDefault("attributes") is { } json ? AttributeTable.FromJson(json).ClassNames : null;

    private static WeightsFile FromSafetensors(StateDict all, string path, string? entry)
    {
        var (count, names) =
            (all.Metadata.GetValueOrDefault(ClassCountKey), all.Metadata.GetValueOrDefault(ClassNamesKey));
        var state = StateNames.Renamed(all, name => name);
        state.Metadata.Remove(ClassCountKey);
        state.Metadata.Remove(ClassNamesKey);
        try
        {
            return new WeightsFile
            {
                Path = path,
                Format = "safetensors",
                State = state,
                Choice = ChoiceOf(state, entry, path),
                Classes = count is null ? null : int.Parse(count, CultureInfo.InvariantCulture),
                ClassNames = names is null ? null : JsonSerializer.Deserialize<SortedDictionary<int, string>>(names),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException)
        {
            throw new InputException(
                $"{path}: its {ClassCountKey} or {ClassNamesKey} does not parse: {e.Message.ReplaceLineEndings(" ")}",
                e);
        }
    }

    private static WeightsChoice ChoiceOf(StateDict state, string? entry, string path)
    {
        try
        {
            return WeightsChoice.Make([new WeightsContainer("", [.. state.Names])], entry);
        }
        catch (InputException e)
        {
            throw new InputException($"{path}: {e.Message}", e);
        }
    }

    private static string Ending(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant();
}
