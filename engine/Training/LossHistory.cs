using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// The losses of a training by step, in bounded memory: means of as many neighbouring steps as it takes to keep at most
/// <see cref="MostPoints"/>. It follows from the steps alone, so that a run that continues draws the same curve.
/// </summary>
internal sealed class LossHistory
{
    /// <summary>Points that are kept: a curve is not wider.</summary>
    public const int MostPoints = 1024;

    private readonly double[] _sums = new double[MostPoints];
    private readonly int[] _counts = new int[MostPoints];
    private int _stepsPerPoint = 1;

    /// <summary>The mean losses by step, in order; steps without a loss are in none.</summary>
    public IEnumerable<(double Step, double Loss)> Points =>
        from point in Enumerable.Range(0, MostPoints)
        where _counts[point] > 0
        select ((point + 0.5) * _stepsPerPoint + 0.5, _sums[point] / _counts[point]);

    /// <summary>Adds a step's loss.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="loss">Its loss.</param>
    public void Add(int step, double loss)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        while ((step - 1) / _stepsPerPoint >= MostPoints)
            Halve();
        _sums[(step - 1) / _stepsPerPoint] += loss;
        _counts[(step - 1) / _stepsPerPoint]++;
    }

    /// <summary>The history as text: steps of a point, and for each point its sum and number of losses.</summary>
    public string Save()
    {
        var last = Array.FindLastIndex(_counts, count => count > 0);
        var points = Enumerable.Range(0, last + 1).Select(
            point => string.Create(CultureInfo.InvariantCulture, $"{_sums[point]:R}*{_counts[point]}"));
        return string.Join(' ', points.Prepend(_stepsPerPoint.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    /// <param name="text">The text; null: nothing is known of the steps so far.</param>
    /// <exception cref="FormatException">The text is damaged.</exception>
    public void Load(string? text)
    {
        Array.Clear(_sums);
        Array.Clear(_counts);
        _stepsPerPoint = 1;
        if (text is null)
            return;
        var parts = text.Split(' ');
        if (parts.Length > MostPoints + 1)
            throw new FormatException($"a history of losses has {parts.Length - 1} points, at most {MostPoints}");
        _stepsPerPoint = Number(parts[0], least: 1);
        for (var i = 1; i < parts.Length; i++)
        {
            var star = parts[i].IndexOf('*', StringComparison.Ordinal);
            if (star < 0)
                throw new FormatException($"'{parts[i]}' is no sum and number of losses");
            _sums[i - 1] = double.Parse(parts[i].AsSpan(0, star), CultureInfo.InvariantCulture);
            _counts[i - 1] = Number(parts[i][(star + 1)..], least: 0);
        }
    }

    // One point for two.
    private void Halve()
    {
        for (var i = 0; i < MostPoints; i++)
        {
            var (sum, count) = 2 * i < MostPoints
                ? (_sums[2 * i] + _sums[(2 * i) + 1], _counts[2 * i] + _counts[(2 * i) + 1])
                : (0, 0);
            (_sums[i], _counts[i]) = (sum, count);
        }
        _stepsPerPoint *= 2;
    }

    private static int Number(string text, int least)
    {
        var number = int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        return number >= least ? number : throw new FormatException($"{text} must be at least {least}");
    }
}
