using System.Reflection;

namespace Flixstock.Engine;

/// <summary>Destinations that an operation reads as well: written over what they held, or added to.</summary>
/// <param name="destinations">Names of the arguments.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReadsAttribute(params string[] destinations) : Attribute
{
    public IReadOnlyList<string> Destinations { get; } = destinations;
}

/// <summary>
/// Arguments that an operation reads once more, because sums over all pixels must be known first: a batch's activations
/// do not stay in any cache.
/// </summary>
/// <param name="arguments">Names of the arguments.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TwoPassesAttribute(params string[] arguments) : Attribute
{
    public IReadOnlyList<string> Arguments { get; } = arguments;
}

/// <summary>
/// An operation of matrix products: every pixel of one argument takes all elements of another one once.
/// </summary>
/// <param name="output">The argument with the pixels, such as a convolution's output or its gradient.</param>
/// <param name="weight">The argument with a factor for each product of a pixel.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProductsAttribute(string output, string weight) : Attribute
{
    public string Output { get; } = output;

    public string Weight { get; } = weight;

    /// <summary>True if a pixel takes the elements of its own picture alone, as in attention.</summary>
    public bool PerPicture { get; init; }

    /// <summary>Number of such products that the operation computes.</summary>
    public int Times { get; init; } = 1;
}

/// <summary>An argument that is no tensor and holds some.</summary>
internal interface IHoldsTensors
{
    /// <summary>Bytes of its tensors that must be read or written.</summary>
    long Bytes { get; }
}

/// <summary>
/// What the attributes of a member of <see cref="IKernels"/> state, by the positions of its arguments.
/// </summary>
internal sealed class OperationFacts
{
    private readonly string[] _parameters;

    /// <summary>Reads a member's attributes.</summary>
    /// <exception cref="ArgumentException">An attribute names an argument that the member does not have.</exception>
    public OperationFacts(MethodInfo method)
    {
        Name = method.Name;
        _parameters = [.. method.GetParameters().Select(parameter => parameter.Name!)];
        Accumulate = Array.IndexOf(_parameters, "accumulate");
        IsRead = Marked(method.GetCustomAttribute<ReadsAttribute>()?.Destinations);
        IsReadAgain = Marked(method.GetCustomAttribute<TwoPassesAttribute>()?.Arguments);
        if (method.GetCustomAttribute<ProductsAttribute>() is { } products)
        {
            Products = (Position(products.Output), Position(products.Weight));
            (PerPicture, Times) = (products.PerPicture, products.Times);
        }
    }

    /// <summary>The operation.</summary>
    public string Name { get; }

    /// <summary>
    /// Position of the number that says whether destinations are added to; -1 for an operation without.
    /// </summary>
    public int Accumulate { get; }

    /// <summary>For each argument, whether it is a destination that is read as well.</summary>
    public IReadOnlyList<bool> IsRead { get; }

    /// <summary>For each argument, whether a second pass reads it again.</summary>
    public IReadOnlyList<bool> IsReadAgain { get; }

    /// <summary>
    /// Positions of the pixels and of their factors; null for an operation that is no product of matrices.
    /// </summary>
    public (int Output, int Weight)? Products { get; }

    /// <summary>True if a pixel takes the factors of its own picture alone.</summary>
    public bool PerPicture { get; }

    /// <summary>Number of such products.</summary>
    public int Times { get; }

    private bool[] Marked(IReadOnlyList<string>? names)
    {
        var marked = new bool[_parameters.Length];
        foreach (var name in names ?? [])
            marked[Position(name)] = true;
        return marked;
    }

    private int Position(string name) => Array.IndexOf(_parameters, name) is var position && position >= 0
        ? position
        : throw new ArgumentException(
            $"{nameof(IKernels)}.{Name} has no argument '{name}', which its attribute names", nameof(name));
}
