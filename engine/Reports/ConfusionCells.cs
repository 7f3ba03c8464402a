namespace Flixstock.Engine;

/// <summary>A confusion matrix as it is drawn: the commonest classes, and the others as one row and column.</summary>
internal sealed class ConfusionCells
{
    /// <summary>Classes that fit on a page; of more the commonest have a row.</summary>
    public const int MostClasses = 24;

    /// <summary>The row of pictures whose label is unknown.</summary>
    public const int UnknownRow = -1;

    private readonly int[] _places; // of a class among the rows

    /// <summary>Chooses the classes.</summary>
    /// <param name="matrix">The whole matrix.</param>
    /// <param name="most">Largest number of classes that have a row of their own.</param>
    public ConfusionCells(ConfusionMatrix matrix, int most)
    {
        Matrix = matrix;
        Classes = matrix.Classes <= most
            ? [.. Enumerable.Range(0, matrix.Classes)]
            : [.. Enumerable.Range(0, matrix.Classes).OrderByDescending(matrix.Known).Take(most).Order()];
        Merged = matrix.Classes - Classes.Count;
        _places = [.. Enumerable.Repeat(Classes.Count, matrix.Classes)];
        for (var place = 0; place < Classes.Count; place++)
            _places[Classes[place]] = place;
        for (var i = 0; i < matrix.Answers.Length; i++)
        {
            var (truth, predicted) = matrix.Answers[i];
            var cell = (truth < 0 ? UnknownRow : _places[truth], _places[predicted]);
            if (!Pictures.TryGetValue(cell, out var samples))
                Pictures.Add(cell, samples = []);
            samples.Add(i);
        }
    }

    /// <summary>The whole matrix.</summary>
    public ConfusionMatrix Matrix { get; }

    /// <summary>The classes with a row of their own, in their order.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>Number of classes in the last row and column; 0: there is none.</summary>
    public int Merged { get; }

    /// <summary>The pictures of every cell that has some; <see cref="UnknownRow"/> is one of them.</summary>
    public Dictionary<(int Row, int Column), List<int>> Pictures { get; } = [];

    /// <summary>Names of the rows.</summary>
    /// <param name="attributes">The attributes.</param>
    /// <param name="group">Number of the matrix' attribute.</param>
    public IReadOnlyList<string> Names(AttributeTable attributes, int group)
    {
        var own = attributes.Groups[group];
        return
        [
            .. Classes.Select(k => own.ClassNames?[k] ?? own.ClassName(k)),
            .. Merged > 0 ? ["other"] : Array.Empty<string>(),
        ];
    }

    /// <summary>True for the row of the classes that have none of their own.</summary>
    public bool IsMerged(int row) => row == Classes.Count;

    /// <summary>True if label and prediction are the same class.</summary>
    public bool IsRight((int Row, int Column) cell) => cell.Row == cell.Column && !IsMerged(cell.Row);

    /// <summary>The counts of a row, or of <see cref="UnknownRow"/>.</summary>
    public IReadOnlyList<int> Of(int row) =>
        [.. Enumerable.Range(0, Classes.Count + (Merged > 0 ? 1 : 0)).Select(
            column => Pictures.TryGetValue((row, column), out var samples) ? samples.Count : 0)];
}
