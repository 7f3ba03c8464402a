namespace Flixstock.Engine;

/// <summary>The least that a call costs, from the shapes of its arguments.</summary>
internal static class OperationCost
{
    private static readonly Dictionary<string, OperationFacts> Facts = typeof(IKernels).GetMethods()
        .Select(method => new OperationFacts(method)).ToDictionary(facts => facts.Name, StringComparer.Ordinal);

    /// <summary>
    /// Bytes that must be read and written: every tensor once, destinations in place or added to twice, what a second
    /// pass over the pixels needs once more, as the attributes on the members of <see cref="IKernels"/> say. Memory
    /// that stays in registers or caches between two kernels of one operation is not counted, scratch memory neither.
    /// </summary>
    public static long Bytes(string name, object?[] arguments)
    {
        var facts = Facts[name];
        var accumulates = facts.Accumulate >= 0 && arguments[facts.Accumulate] is true;
        long bytes = 0;
        for (var i = 0; i < arguments.Length; i++)
        {
            var isRead = arguments[i] is Tensor && (accumulates || facts.IsRead[i]);
            bytes += Bytes(arguments[i]) * (1 + (isRead ? 1 : 0) + (facts.IsReadAgain[i] ? 1 : 0));
        }
        return bytes;
    }

    /// <summary>
    /// Twice the products of a convolution, linear layer or attention; 0 for everything else.
    /// </summary>
    public static long Operations(string name, object?[] arguments)
    {
        var facts = Facts[name];
        if (facts.Products is not { } products)
            return 0;
        var factors = ShapeOf(arguments[products.Weight]);
        var ofPixel = facts.PerPicture ? factors.Count / factors.Batch : factors.Count;
        return 2L * facts.Times * ShapeOf(arguments[products.Output]).Pixels * ofPixel;
    }

    /// <summary>The tensors' shapes in the order of the arguments: what tells calls of one operation apart.</summary>
    public static string Shapes(object?[] arguments) => string.Join(' ', arguments.Select(ShapeOf)
        .Where(shape => shape.Rank > 0).Select(shape => shape.ToString().Replace(" ", "", StringComparison.Ordinal)));

    private static Shape ShapeOf(object? argument) => argument switch
    {
        Tensor tensor => tensor.Shape,
        ReadOnlyTensor tensor => tensor.Shape,
        _ => default,
    };

    private static long Bytes(object? argument) => argument switch
    {
        Tensor tensor => tensor.Bytes,
        ReadOnlyTensor tensor => tensor.Bytes,
        IHoldsTensors tensors => tensors.Bytes,
        _ => 0,
    };
}
