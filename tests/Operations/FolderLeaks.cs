using System.Text.RegularExpressions;

namespace Flixstock.Tests.Operations;

/// <summary>
/// Finds what keeps an operation's folder from being deleted: members and types that are not public and that another
/// folder's file uses nevertheless, which the compiler allows, because the tables of kernels are partial classes. It
/// reads words, not syntax: a member's declaration begins its line with an access modifier, four spaces from the
/// margin.
/// </summary>
internal static partial class FolderLeaks
{
    private sealed record Declaration(string Name, bool IsInternal);

    private sealed record Source(SourceFile File, string Type, string Code)
    {
        public HashSet<string> Words { get; } = [.. Word().Matches(Code).Select(match => match.Value)];

        // Of the file's own members and those of its nested types.
        public HashSet<string> Own { get; } = [.. AnyMember().Matches(Code).SelectMany(match => Names(match.Value))];

        public IEnumerable<Declaration> Hidden => HiddenMember().Matches(Code).SelectMany(
            match => Names(match.Value).Select(name => new Declaration(name, IsInternal(match.Value)))).Concat(
                HiddenType().Matches(Code).Select(match => new Declaration(match.Groups[1].Value, IsInternal: true)));

        private static bool IsInternal(string line) => line.Contains(" internal ", StringComparison.Ordinal);
    }

    /// <summary>One line for each leak: who uses what of whom.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<SourceFile> files)
    {
        var sources = files.Select(file => Read(file)).ToList();
        // The tables have a part in every folder and belong to none.
        var tables = sources.GroupBy(source => source.Type, StringComparer.Ordinal)
            .Where(parts => parts.Select(part => part.File.Folder).Distinct(StringComparer.Ordinal).Count() > 1)
            .Select(parts => parts.Key).ToHashSet(StringComparer.Ordinal);
        return [.. sources.Where(source => source.File.Folder.Length > 0)
            .SelectMany(owner => owner.Hidden.Where(hidden => !tables.Contains(hidden.Name))
                .SelectMany(hidden => sources.Where(user => Uses(user, owner, hidden))
                    .Select(user => $"{user.File.Name} uses {hidden.Name} of {owner.File.Folder}/{owner.File.Name}")))];
    }

    // A private member is seen by the parts of its own type only. A name that the user's file declares itself is that
    // one.
    private static bool Uses(Source user, Source owner, Declaration hidden) =>
        user.File.Folder != owner.File.Folder && (hidden.IsInternal || user.Type == owner.Type)
        && user.Words.Contains(hidden.Name) && !user.Own.Contains(hidden.Name);

    private static Source Read(SourceFile file) => new(file, MainType().Match(file.Code).Groups[1].Value, file.Code);

    // Of a declaration's first line: a type's, a method's, or those of all the fields, constants or the property.
    private static IEnumerable<string> Names(string line)
    {
        var head = Body().Replace(line, "");
        if (TypeName().Match(head) is { Success: true } type)
            return [type.Groups[1].Value];
        if (MethodName().Match(head) is { Success: true } method)
            return [method.Groups[1].Value];
        var isProperty = line.Contains("=>", StringComparison.Ordinal);
        var fields = TypeArguments().Replace(isProperty ? head : Braces().Replace(line, ""), "");
        return fields.TrimEnd(';').Split(',').Select(field => LastWord().Match(field).Value);
    }

    [GeneratedRegex("""[A-Za-z_]\w*""")]
    private static partial Regex Word();

    [GeneratedRegex(
        """^(?:public|internal) .*?\b(?:class|struct|interface|record|enum) (?!struct\b|class\b)(\w+)""",
        RegexOptions.Multiline)]
    private static partial Regex MainType();

    [GeneratedRegex(
        """^internal .*?\b(?:class|struct|interface|record|enum) (?!struct\b|class\b)(\w+)""", RegexOptions.Multiline)]
    private static partial Regex HiddenType();

    [GeneratedRegex("""^    (?:private|internal|protected) [^\n]*""", RegexOptions.Multiline)]
    private static partial Regex HiddenMember();

    [GeneratedRegex("""^ +(?:public|private|internal|protected) [^\n]*""", RegexOptions.Multiline)]
    private static partial Regex AnyMember();

    [GeneratedRegex("""\s(?:=|=>)\s.*|\{.*|;.*""")]
    private static partial Regex Body();

    [GeneratedRegex("""\b(?:class|struct|interface|record|enum) (?!struct\b|class\b)(\w+)""")]
    private static partial Regex TypeName();

    [GeneratedRegex("""\b(\w+)(?:<[\w, ]+>)?\(""")]
    private static partial Regex MethodName();

    [GeneratedRegex("""<[^<>]*>""")]
    private static partial Regex TypeArguments();

    [GeneratedRegex("""\{.*|\s=\s[^,;]*""")]
    private static partial Regex Braces();

    [GeneratedRegex("""\w+\s*$""")]
    private static partial Regex LastWord();
}
