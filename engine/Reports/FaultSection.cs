namespace Flixstock.Engine;

/// <summary>The faults of a data set, to be sorted and searched.</summary>
internal static class FaultSection
{
    private const int MostOfAKind = 100;

    /// <summary>The table; of a kind with many faults the first.</summary>
    public static Markup Of(CheckReport report)
    {
        if (report.Faults.Count == 0)
            return $"<p>None.</p>";
        var kinds = report.Faults.GroupBy(fault => fault.Kind).ToList();
        return new Markup()
            .Add(Html.Table(
                ["fault", "severity", "found"],
                kinds.Select(kind => new[] { kind.First().KindName, Severity(kind.First()), $"{kind.Count()}" })))
            .Add(kinds.Any(kind => kind.Count() > MostOfAKind)
                ? $"<p>Of each kind at most {MostOfAKind} are listed.</p>"
                : Markup.None)
            .Add(Html.SortableTable(
                "faults-table", [new("file"), new("part"), new("fault"), new("what"), new("remedy")],
                kinds.SelectMany(kind => kind.Take(MostOfAKind)).Select(fault => new HtmlCell[]
                {
                    new(fault.File), new(fault.Part), new(fault.KindName), new(fault.Detail), new(fault.Remedy),
                })));
    }

    private static string Severity(DatasetFault fault) => fault.IsError ? "error" : "warning";
}
