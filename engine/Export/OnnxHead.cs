namespace Flixstock.Engine;

/// <summary>Writes how logits become probabilities, in single precision.</summary>
internal static class OnnxHead
{
    private const string Layer = "logits";

    /// <summary>Appends temperature and sigmoid or softmax.</summary>
    /// <param name="graph">The graph to append to.</param>
    /// <param name="logits">[N, classes], single precision.</param>
    /// <param name="head">The head to append; null: the sigmoid alone.</param>
    /// <returns>Name of the probabilities, [N, classes], 0 to 1.</returns>
    public static string Add(OnnxGraph graph, string logits, ProbabilityHead? head)
    {
        if (head is not null && head.Temperature != 1)
        {
            logits = graph.Add(
                Layer + ".temperature", "Div",
                [logits, graph.Numbers("temperature", [(float)head.Temperature], [], single: true)]);
        }
        return head is { Kind: HeadKind.Grouped }
            ? Grouped(graph, logits, head.Attributes)
            : graph.Add(Layer, "Sigmoid", [logits]);
    }

    private static string Grouped(OnnxGraph graph, string logits, AttributeTable attributes)
    {
        var parts = new string[attributes.Groups.Count];
        for (var group = 0; group < parts.Length; group++)
        {
            var (layer, first) = ($"{Layer}.{group}", attributes.Offset(group));
            string[] slice =
            [
                logits, graph.Integers(layer + ".first", first),
                graph.Integers(layer + ".end", first + attributes.Groups[group].Classes),
                graph.Integers("classes.axis", 1),
            ];
            parts[group] = graph.Add(
                layer, "Softmax", [graph.Add(layer, "Slice", slice)], OnnxGraph.Integer("axis", 1));
        }
        return graph.Add(Layer, "Concat", parts, OnnxGraph.Integer("axis", 1));
    }
}
