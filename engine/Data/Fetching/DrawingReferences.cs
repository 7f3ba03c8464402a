using System.Xml.Linq;

namespace Flixstock.Engine;

/// <summary>
/// What a drawing grows to when its references are followed: ten elements that each use ten others ten levels deep are
/// a hundred lines and ten billion elements.
/// </summary>
/// <param name="root">The drawing.</param>
internal sealed class DrawingReferences(XElement root)
{
    private readonly Dictionary<XElement, (long Elements, int Levels)> _sizes = [];
    private readonly HashSet<XElement> _open = [];
    private readonly Dictionary<string, XElement> _named = Named(root);

    /// <summary>Refuses a drawing that grows too large, too deep, or without end.</summary>
    /// <exception cref="InvalidDataException">It does; says how.</exception>
    public void RequireBounded()
    {
        if (Size(root, 0).Elements > SafeDrawing.MostElements)
        {
            throw new InvalidDataException(
                $"it has more than {SafeDrawing.MostElements} elements, each as often as references repeat it");
        }
    }

    private static Dictionary<string, XElement> Named(XElement root)
    {
        var named = new Dictionary<string, XElement>(StringComparer.Ordinal);
        foreach (var element in root.DescendantsAndSelf())
        {
            if (element.Attribute("id") is { } id)
                named.TryAdd(id.Value, element);
        }
        return named;
    }

    private (long Elements, int Levels) Size(XElement element, int level)
    {
        if (_sizes.TryGetValue(element, out var known))
            return RequireLevels(known, level);
        if (!_open.Add(element))
            throw new InvalidDataException("an element in it refers to itself");
        RequireLevels((1, 0), level);
        var size = (Elements: 1L, Levels: 0);
        foreach (var part in element.Elements().Concat(Targets(element)))
        {
            var (elements, levels) = Size(part, level + 1);
            size = (Math.Min(size.Elements + elements, int.MaxValue), Math.Max(size.Levels, levels + 1));
        }
        _open.Remove(element);
        return _sizes[element] = size;
    }

    private static (long Elements, int Levels) RequireLevels((long Elements, int Levels) size, int level) =>
        level + size.Levels <= SafeDrawing.Deepest
            ? size
            : throw new InvalidDataException($"its references lead more than {SafeDrawing.Deepest} levels deep");

    private IEnumerable<XElement> Targets(XElement element)
    {
        var names = element.Attributes().SelectMany(attribute => SafeDrawing.UrlsIn(attribute.Value));
        if (SafeDrawing.HrefOf(element) is ['#', .. var name])
            names = names.Append(name);
        foreach (var target in names)
        {
            if (_named.TryGetValue(target, out var found))
                yield return found;
        }
    }
}
