using System.Text;

namespace Flixstock.Engine;

/// <summary>A changed copy to be made.</summary>
internal sealed record AugmentedCopy(string Name, ulong Number);

/// <summary>Everything a split will write, decided before anything is written.</summary>
internal sealed class SplitPlan
{
    private readonly AttributeTable _table;
    private readonly AttributeCsv _csv;

    public SplitPlan(AttributeTable table, AttributeCsv csv, string[][] parts, bool augment)
    {
        _table = table;
        _csv = csv;
        Files = parts;
        Rows = [.. parts.Select(files =>
        {
            var own = files.ToHashSet(StringComparer.Ordinal);
            return csv.Rows.Where(row => own.Contains(row.File)).ToList(); // in the order of the CSV
        })];
        var weights = Balancing.Weights(Balancing.Count(table, Rows[0].Select(row => row.Classes)));
        Copies = [.. Rows[0].Select(row => CopiesOf(row, augment ? Balancing.Copies(weights, row.Classes) : 0))];
        CheckNames();
    }

    /// <summary>Pictures of the three parts.</summary>
    public string[][] Files { get; }

    /// <summary>Labelled pictures of the three parts.</summary>
    public IReadOnlyList<List<AttributeRow>> Rows { get; }

    /// <summary>Copies of every labelled training picture.</summary>
    public IReadOnlyList<AugmentedCopy[]> Copies { get; }

    /// <summary>The label file of a part; training rows are followed by those of the copies.</summary>
    public string PartCsv(int part)
    {
        var rows = Rows[part].Select(row => (row.File, row.Classes));
        if (part == 0)
            rows = rows.Concat(Rows[0].SelectMany((row, i) => Copies[i].Select(copy => (copy.Name, row.Classes))));
        return _csv.Format(rows);
    }

    public IReadOnlyList<ClassDistribution> Distribution()
    {
        var counts = Rows.Select(rows => Balancing.Count(_table, rows.Select(row => row.Classes))).ToArray();
        var after = Balancing.Count(_table, Rows[0].Select(row => row.Classes));
        for (var i = 0; i < Rows[0].Count; i++)
            Balancing.Add(after, Rows[0][i].Classes, Copies[i].Length);
        return [.. _table.Groups.Select(
            (group, i) => new ClassDistribution(group, counts[0][i], after[i], counts[1][i], counts[2][i]))];
    }

    /// <summary>The distribution as a CSV, LF line ends.</summary>
    public static string DistributionCsv(IEnumerable<ClassDistribution> distribution)
    {
        var text = new StringBuilder("attribute,class,train_before,train_after,val,test\n");
        foreach (var entry in distribution)
        {
            for (var index = 0; index < entry.TrainBefore.Length; index++)
            {
                var name = index == entry.Group.Classes
                    ? AttributeCsv.Unknown
                    : entry.Group.ClassNames?[index] ?? index.ToString();
                text.Append($"{CsvCell.Of(entry.Group.Name)},{CsvCell.Of(name)},{entry.TrainBefore[index]},"
                    + $"{entry.TrainAfter[index]},{entry.Validation[index]},{entry.Test[index]}\n");
            }
        }
        return text.ToString();
    }

    private static AugmentedCopy[] CopiesOf(AttributeRow row, int count) =>
        [.. Enumerable.Range(1, count).Select(i => new AugmentedCopy(ChangedCopy.NameOf(row.File, i), (ulong)i))];

    private void CheckNames()
    {
        var taken = Rows[0].Select(row => row.File).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (taken.Count != Rows[0].Count)
        {
            throw new InputException("two training pictures differ only in upper and lower case, which some disks "
                + "cannot tell apart; rename one");
        }
        foreach (var (row, copies) in Rows[0].Zip(Copies))
        {
            foreach (var copy in copies)
            {
                if (!taken.Add(copy.Name))
                {
                    throw new InputException($"{row.File}: its changed copy would be called {copy.Name}, which another "
                        + $"picture is called already; rename one of them");
                }
            }
        }
    }
}
