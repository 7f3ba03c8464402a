using System.Text.RegularExpressions;

namespace Flixstock.Tests.Library;

/// <summary>
/// Finds files that name a type of a room below their own. It reads words, not syntax: a word is a type where a type of
/// that name exists and the file does not use the word for a member. A file that has such a member
/// (<c>int ImageSize</c>) names the type only where nothing but a type can stand.
/// </summary>
/// <param name="rooms">
/// From top to bottom; the folders of a room, separated by blanks, with all folders below them that are no room
/// themselves. <c>.</c> is the root.
/// </param>
internal sealed partial class RoomLeaks(IReadOnlyList<string> rooms)
{
    private readonly Dictionary<string, int> _places = rooms
        .SelectMany((room, place) => room.Split(' ').Select(folder => (folder, place)))
        .ToDictionary(room => room.folder, room => room.place, StringComparer.Ordinal);

    /// <summary>A line for each file and type, each folder that is no room, each type that stands in two.</summary>
    public IReadOnlyList<string> Find(IReadOnlyList<SourceFile> files)
    {
        if (files.Where(file => PlaceOf(file) < 0).ToList() is { Count: > 0 } homeless)
            return homeless.ConvertAll(file => $"{PathOf(file)} stands in no room");
        var declared = files.SelectMany(file => TypesIn(file).Select(type => (type, file)))
            .ToLookup(entry => entry.type, entry => entry.file, StringComparer.Ordinal);
        var divided = declared.Where(type => type.Select(PlaceOf).Distinct().Count() > 1)
            .Select(type => $"{type.Key} stands in two rooms: {string.Join(", ", type.Select(PathOf))}");
        return [.. divided, .. files.SelectMany(file => Below(file, declared))];
    }

    private IEnumerable<string> Below(SourceFile file, ILookup<string, SourceFile> declared)
    {
        var place = PlaceOf(file);
        return Word().Matches(file.Code).Select(match => match.Value).Distinct(StringComparer.Ordinal)
            .Where(word => declared[word].FirstOrDefault() is { } owner && PlaceOf(owner) > place)
            .Where(word => Names(file.Code, word))
            .Select(word => $"{PathOf(file)} names {word} of {PathOf(declared[word].First())}, a room below");
    }

    private int PlaceOf(SourceFile file)
    {
        for (var folder = file.Folder; folder.Length > 0; folder = folder[..Math.Max(0, folder.LastIndexOf('/'))])
        {
            if (_places.TryGetValue(folder, out var place))
                return place;
        }
        return file.Folder.Length == 0 ? _places["."] : -1;
    }

    private static string PathOf(SourceFile file) =>
        file.Folder.Length == 0 ? $"engine/{file.Name}" : $"engine/{file.Folder}/{file.Name}";

    private static IEnumerable<string> TypesIn(SourceFile file) =>
        TypeDeclaration().Matches(file.Code).Concat(DelegateDeclaration().Matches(file.Code))
            .Select(match => match.Groups[1].Value);

    private static bool Names(string code, string word)
    {
        // After a dot a word is a member, but not after the namespace, nor after the dots of a range.
        var uses = Regex.Matches(
            code, $@"(?:(?<![\w.])|(?<=\.\.))(?:(?:Flixstock\.)?Engine\.)?\b{word}\b(?!\s*(?:=(?![=>])|:(?!:)))");
        return HasMember(code, word) ? uses.Any(use => IsTypeOnly(code, use, word)) : uses.Count > 0;
    }

    // A declaration (after its type), an assignment, or a name before a colon.
    private static bool HasMember(string code, string word) =>
        Regex.Matches(code, $@"(\w+)[\w<>\[\]?,]* {word}(?= \{{| =>|;|[(,)])")
            .Any(match => !IsOperator(match.Groups[1].Value))
        || Regex.IsMatch(code, $@"(?<!\.)\b{word}\b\s*(?:=(?![=>])|:(?!:))");

    private static bool IsTypeOnly(string code, Match use, string word)
    {
        var after = code[(use.Index + use.Length)..];
        return use.Value != word || BeforeType().IsMatch(code[..use.Index]) || after is ['>', ..]
            || (Declared().Match(after) is { Success: true } name && !IsOperator(name.Groups[1].Value));
    }

    private static bool IsOperator(string word) => Operator().IsMatch(word);

    [GeneratedRegex(
        """^[a-z][a-z ]*\b(?:class|struct|interface|enum|record) (?!struct\b|class\b)(\w+)""", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex("""^[a-z][a-z ]*\bdelegate [^(\n]*?(\w+)(?:<[^(\n]*>)?\(""", RegexOptions.Multiline)]
    private static partial Regex DelegateDeclaration();

    [GeneratedRegex("""[A-Z]\w*""")]
    private static partial Regex Word();

    [GeneratedRegex("^(?:new|return|throw|await|is|as|not|and|or|in|out|ref|with|when|switch|case|else|where|yield)$")]
    private static partial Regex Operator();

    [GeneratedRegex("""(?:\bnew |\bis |\bis not |\bas |\btypeof\(|\bnameof\(|[\w\])] : |<)$""")]
    private static partial Regex BeforeType();

    // What is left of a type, and the name of what has that type.
    [GeneratedRegex("""^\??(?:\[,*\]\??)* (\w+)""")]
    private static partial Regex Declared();
}
