using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Flixstock.Engine;

/// <summary>
/// An SVG drawing that others made, read as data: its authors' tags, and an SVG without anything that could reach
/// beyond the file or grow without bound. Nothing that it names is opened.
/// </summary>
/// <param name="Svg">
/// The drawing, XML in UTF-8 without document type, scripts, links, notes, and without text, which would look otherwise
/// with every machine's fonts.
/// </param>
/// <param name="Tags">Tags in small letters, each once: <c>dc:subject/rdf:Bag/rdf:li</c>.</param>
internal sealed partial record SafeDrawing(byte[] Svg, IReadOnlyList<string> Tags)
{
    /// <summary>Bytes of the largest file.</summary>
    public const int LargestFile = 4 << 20;

    /// <summary>Elements at most, each as often as references repeat it.</summary>
    public const int MostElements = 100_000;

    /// <summary>Levels of elements at most, references followed.</summary>
    public const int Deepest = 200;

    private const int MostEntityCharacters = 100_000;

    private const string SvgNamespace = "http://www.w3.org/2000/svg", LinkNamespace = "http://www.w3.org/1999/xlink";

    /// <summary>Reads a drawing.</summary>
    /// <param name="bytes">The file.</param>
    /// <exception cref="InvalidDataException">It is none, or one that is not painted; says why.</exception>
    public static SafeDrawing Read(byte[] bytes)
    {
        if (bytes.Length > LargestFile)
            throw new InvalidDataException($"it has more than {LargestFile >> 20} MB");
        try
        {
            RequireFlat(bytes);
            using var reader = Open(bytes);
            var document = XDocument.Load(reader);
            if (document.Root is not { Name.LocalName: "svg" } root)
                throw new InvalidDataException($"it is no SVG but <{document.Root?.Name.LocalName}>");
            var tags = TagsOf(root);
            Clean(root);
            new DrawingReferences(root).RequireBounded();
            using var clean = new MemoryStream();
            using (var writer = XmlWriter.Create(clean))
                root.WriteTo(writer);
            return new SafeDrawing(clean.ToArray(), tags);
        }
        catch (XmlException e)
        {
            throw new InvalidDataException($"not XML that can be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    // Drawing programs write their namespaces as entities, so those within the file count, up to a number of
    // characters; a bomb of entities ends there.
    private static XmlReader Open(byte[] bytes) => XmlReader.Create(new MemoryStream(bytes), new XmlReaderSettings
    {
        DtdProcessing = DtdProcessing.Parse,
        XmlResolver = null,
        MaxCharactersFromEntities = MostEntityCharacters,
        MaxCharactersInDocument = 2L * LargestFile,
        IgnoreProcessingInstructions = true,
        IgnoreComments = true,
    });

    // Before a tree is made of it.
    private static void RequireFlat(byte[] bytes)
    {
        using var reader = Open(bytes);
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.DocumentType && ExternalEntity().IsMatch(reader.Value))
                throw new InvalidDataException("it refers to another file: an entity of its document type");
            if (reader.Depth > Deepest)
                throw new InvalidDataException($"its elements are nested more than {Deepest} levels deep");
        }
    }

    private static List<string> TagsOf(XElement root) =>
    [
        .. root.Descendants().Where(element => element.Name.LocalName == "subject")
            .SelectMany(subject => subject.Descendants().Where(element => element.Name.LocalName == "li"))
            .Select(tag => Blanks().Replace(tag.Value, " ").Trim().ToLowerInvariant())
            .Where(tag => tag.Length > 0).Distinct(StringComparer.Ordinal),
    ];

    private static void Clean(XElement root)
    {
        root.Descendants().Where(element => element.Name.NamespaceName is not ("" or SvgNamespace)
            || element.Name.LocalName is "metadata" or "script" or "foreignObject" or "text").Remove();
        // What drawing programs note for themselves, such as the path of the file on the author's disk.
        root.DescendantsAndSelf().Attributes().Where(attribute => !attribute.IsNamespaceDeclaration
            && attribute.Name.Namespace != XNamespace.Xml
            && attribute.Name.NamespaceName is not ("" or SvgNamespace or LinkNamespace)).Remove();
        foreach (var element in root.DescendantsAndSelf())
        {
            var name = element.Name.LocalName;
            if (name is "image" or "feImage")
            {
                throw new InvalidDataException(HrefOf(element)?.StartsWith("data:", StringComparison.Ordinal) == true
                    ? "it is made of a picture of pixels"
                    : $"it refers to another file: {Short(HrefOf(element) ?? "nothing")}");
            }
            if (name == "a")
                element.Attributes().Where(IsHref).Remove();
            element.Attributes(XNamespace.Xml + "base").Remove();
            if (HrefOf(element) is { Length: > 0 } href && href[0] != '#')
                throw new InvalidDataException($"it refers to another file: {Short(href)}");
            foreach (var attribute in element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration))
                RequireOwn(attribute.Value);
            if (name == "style")
                RequireOwn(element.Value);
        }
    }

    // A backslash can hide any word of a style sheet.
    private static void RequireOwn(string value)
    {
        if (value.Contains("url", StringComparison.OrdinalIgnoreCase)
            && ForeignUrl().Match(value) is { Success: true } match)
        {
            throw new InvalidDataException($"it refers to another file: {Short(match.Value)}");
        }
        if (value.Contains("@import", StringComparison.OrdinalIgnoreCase) || Escape().IsMatch(value))
            throw new InvalidDataException("its styles may refer to other files");
    }

    /// <summary>What an element refers to by <c>href</c>, with or without a namespace; null if to nothing.</summary>
    internal static string? HrefOf(XElement element) => element.Attributes().FirstOrDefault(IsHref)?.Value.Trim();

    /// <summary>Names of elements in a style or an attribute: <c>url(#name)</c>.</summary>
    internal static IEnumerable<string> UrlsIn(string value) =>
        OwnUrl().Matches(value).Select(match => match.Groups[1].Value);

    private static bool IsHref(XAttribute attribute) => attribute.Name.LocalName == "href"
        && attribute.Name.NamespaceName is "" or SvgNamespace or LinkNamespace;

    private static string Short(string text) =>
        Blanks().Replace(text, " ") is var line && line.Length <= 60 ? line : line[..57] + "...";

    [GeneratedRegex(@"<!ENTITY[^>]*\b(SYSTEM|PUBLIC)\b", RegexOptions.None, 1000)]
    private static partial Regex ExternalEntity();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Blanks();

    [GeneratedRegex(@"url\((?!\s*[""']?\s*#)[^)]*", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex ForeignUrl();

    [GeneratedRegex(@"url\(\s*[""']?\s*#([^""')\s]+)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex OwnUrl();

    [GeneratedRegex(@"\\[0-9a-fA-F]", RegexOptions.None, 1000)]
    private static partial Regex Escape();
}
