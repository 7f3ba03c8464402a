namespace Flixstock.Engine;

/// <summary>
/// The first of many answers, of which only those that are first so far are kept: of thousands of pictures and classes
/// there are too many to sort.
/// </summary>
/// <param name="most">Largest number of answers that are kept.</param>
internal sealed class FirstAnswers(int most)
{
    // The last one is dropped first.
    private readonly PriorityQueue<PictureAnswer, (int Turn, float Order, int Added)> _kept =
        new(Comparer<(int Turn, float Order, int Added)>.Create((a, b) => b.CompareTo(a)));

    /// <summary>Number of all answers that were added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="order">Lower ones come first; of equal ones, the one that was added first.</param>
    /// <param name="turn">Those of a lower turn come first, whatever their order.</param>
    public void Add(PictureAnswer answer, float order, int turn = 0)
    {
        _kept.Enqueue(answer, (turn, order, Count++));
        if (_kept.Count > most)
            _kept.Dequeue();
    }

    /// <summary>The first ones, in order.</summary>
    public IReadOnlyList<PictureAnswer> InOrder() =>
        [.. _kept.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)];
}
