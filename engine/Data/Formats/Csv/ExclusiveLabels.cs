namespace Flixstock.Engine;

/// <summary>Labels given class by class, of attributes that have exactly one class.</summary>
internal static class ExclusiveLabels
{
    /// <summary>
    /// Fills in what follows from the labels (if one class is present, the others are absent); false if they contradict
    /// each other and the row must go.
    /// </summary>
    public static bool Complete(PartRequest request, AttributeTable attributes, LabelRow row, string csv)
    {
        for (var group = 0; group < attributes.Groups.Count; group++)
        {
            var own = row.Labels.AsSpan(attributes.Offset(group), attributes.Groups[group].Classes);
            var (there, unknown) = (own.Count((sbyte)1), own.Count((sbyte)-1));
            if (there > 1 || (there == 0 && unknown == 0))
            {
                var what = there > 1
                    ? $"{there} classes of {attributes.Groups[group].Name} are 1"
                    : $"no class of {attributes.Groups[group].Name} is there";
                request.Fault(
                    FaultKind.Contradiction, row.File, $"{csv}: row {row.Row}", $"{what}, but exactly one is possible",
                    "correct the labels or leave them empty");
                return false;
            }
            if (there == 1)
                own.Replace((sbyte)-1, (sbyte)0);
            else if (unknown == 1)
                own.Replace((sbyte)-1, (sbyte)1); // every other class was ruled out
        }
        return true;
    }
}
