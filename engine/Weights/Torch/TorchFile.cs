namespace Flixstock.Engine;

/// <summary>Contents of a PyTorch file.</summary>
/// <param name="Root">Usually a <see cref="TorchDictionary"/>; the types that one lists.</param>
/// <param name="Format"><c>zip</c> or <c>legacy</c>.</param>
internal sealed record TorchContent(object? Root, string Format)
{
    internal ReadBudget Budget { get; init; } = new(0);

    /// <summary>
    /// A tensor's elements, row-major: the file's own bytes if they are row-major already, otherwise a copy.
    /// </summary>
    /// <exception cref="InputException">
    /// Copies of all tensors so far would take much more memory than the file has bytes.
    /// </exception>
    public StateTensor ToStateTensor(string name, TorchTensor tensor) => tensor.ToStateTensor(name, Budget);
}

/// <summary>
/// Files that <c>torch.save</c> writes (<c>.pth</c>, <c>.pt</c>, <c>.ckpt</c>): ZIP archives since PyTorch 1.6, and the
/// format before. Reading executes nothing and trusts nothing: any fault is one <see cref="InputException"/> that names
/// the file. Writing gives the same bytes for the same contents.
/// </summary>
internal static partial class TorchFile
{
    internal const string PickleRecord = "data.pkl";

    /// <summary>What to do about a file that holds more than data.</summary>
    internal const string Remedy = "in Python, save the weights alone: torch.save(model.state_dict(), 'weights.pth')";

    private const int LongestShown = 100;

    /// <summary>Reads the contents of a file.</summary>
    /// <param name="bytes">The whole file; tensors keep it.</param>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="cancellation">Stops between records.</param>
    /// <exception cref="InputException">It is damaged, or wants more than to be data; says what is wrong.</exception>
    public static TorchContent Parse(ReadOnlyMemory<byte> bytes, string name, CancellationToken cancellation = default)
    {
        try
        {
            var budget = new ReadBudget(bytes.Length, cancellation);
            var zip = IsZip(bytes.Span);
            var root = zip ? new TorchArchive(bytes, budget).Read() : TorchLegacy.Read(bytes, budget);
            ContentCheck.Require(root);
            return new TorchContent(root, zip ? "zip" : "legacy") { Budget = budget };
        }
        catch (InputException e)
        {
            throw new InputException($"{name}: cannot be read as a PyTorch file: {e.Message}", e);
        }
    }

    /// <summary>True if a file begins as a PyTorch file does: as a ZIP archive or a pickle.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> beginning) =>
        IsZip(beginning) || beginning is [0x80, >= 2 and <= 5, ..];

    /// <summary>Other people's text for a message: one line, not too long.</summary>
    internal static string Shown(string text) => new([.. text.Take(LongestShown)
        .Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c)]);

    private static bool IsZip(ReadOnlySpan<byte> bytes) =>
        bytes is [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..];
}
