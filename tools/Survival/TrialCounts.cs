namespace Flixstock.Survival;

/// <summary>What became of the tries of one command.</summary>
internal sealed class TrialCounts(string name)
{
    private const string Columns = " half-written files | mixed | continued | begun again | dead ends | "
        + "byte-equal ends | leftovers on the way | leftovers at the end |\n| --- | --- | --- | --- | --- | --- | "
        + "--- | --- | --- | --- |";

    public const string KillHeader = "| command | kills |" + Columns;

    public const string FaultHeader = "| command | faults | ended 0 | said clearly | unclear or crashed |" + Columns
        + " --- | --- | --- |";

    public string Name { get; } = name;

    public int Tries { get; set; }

    public int Passed { get; set; }

    public int Clear { get; set; }

    public int Unclear { get; set; }

    public int Halves { get; set; }

    public int Mixed { get; set; }

    public int Continued { get; set; }

    public int Again { get; set; }

    public int DeadEnds { get; set; }

    public int Ends { get; set; }

    public int Equal { get; set; }

    public int LeftOnTheWay { get; set; }

    public int LeftAtTheEnd { get; set; }

    public void Add(TrialCounts other)
    {
        (Tries, Passed, Clear, Unclear) =
            (Tries + other.Tries, Passed + other.Passed, Clear + other.Clear, Unclear + other.Unclear);
        (Halves, Mixed, Continued, Again) =
            (Halves + other.Halves, Mixed + other.Mixed, Continued + other.Continued, Again + other.Again);
        (DeadEnds, Ends, Equal) = (DeadEnds + other.DeadEnds, Ends + other.Ends, Equal + other.Equal);
        (LeftOnTheWay, LeftAtTheEnd) = (LeftOnTheWay + other.LeftOnTheWay, LeftAtTheEnd + other.LeftAtTheEnd);
    }

    public string KillRow => $"| {Name} | {Tries} | {Rest}";

    public string FaultRow => $"| {Name} | {Tries} | {Passed} | {Clear} | {Unclear} | {Rest}";

    private string Rest =>
        $"{Halves} | {Mixed} | {Continued} | {Again} | {DeadEnds} | {Equal} of {Ends} | {LeftOnTheWay} | "
        + $"{LeftAtTheEnd} |";
}
