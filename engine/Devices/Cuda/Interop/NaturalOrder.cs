namespace Flixstock.Engine;

/// <summary>Orders names by the numbers in them: cuda-12.9 before cuda-12.10, python3.9 before python3.12.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (x ?? "", y ?? "");
        var (i, j) = (0, 0);
        while (i < a.Length && j < b.Length)
        {
            var order = char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j])
                ? Number(a, ref i).CompareTo(Number(b, ref j))
                : a[i++].CompareTo(b[j++]);
            if (order != 0)
                return order;
        }
        return (a.Length - i).CompareTo(b.Length - j);
    }

    private static long Number(string text, ref int position)
    {
        var value = 0L;
        for (; position < text.Length && char.IsAsciiDigit(text[position]); position++)
            value = Math.Min((value * 10) + (text[position] - '0'), int.MaxValue);
        return value;
    }
}
