namespace Flixstock.Engine;

/// <summary>
/// A dense, row-major view into a device's memory: an address, a shape and an element type. It owns nothing: memory
/// belongs to the <see cref="Device"/>, a <see cref="TensorArena"/> or a <see cref="ParameterBuffer"/>. As an argument
/// of a kernel it is a destination.
/// </summary>
/// <param name="Address">Device address of the first element; 0 for no tensor.</param>
/// <param name="Shape">Extents, slowest first.</param>
/// <param name="Type">Type of the elements.</param>
public readonly record struct Tensor(nint Address, Shape Shape, ElementType Type = ElementType.Float32)
{
    /// <summary>No tensor: for destinations that an operation need not write.</summary>
    public static Tensor None => default;

    /// <summary>True unless this is <see cref="None"/>.</summary>
    public bool Exists => Shape.Rank != 0;

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary>Size in bytes.</summary>
    public long Bytes => Shape.Count * Type.Size();

    /// <summary>The same memory with another shape of the same number of elements.</summary>
    /// <exception cref="ArgumentException">The element counts differ.</exception>
    public Tensor Reshape(Shape shape) => shape.Count == Count
        ? this with { Shape = shape }
        : throw new ArgumentException(
            $"cannot view {Shape} as {shape}: {Count} against {shape.Count} elements", nameof(shape));

    /// <summary>A part of the same memory, starting <paramref name="offset"/> elements in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside.</exception>
    public Tensor Slice(long offset, Shape shape) => offset >= 0 && offset + shape.Count <= Count
        ? new Tensor(Address + (nint)(offset * Type.Size()), shape, Type)
        : throw new ArgumentOutOfRangeException(
            nameof(offset), offset, $"{shape} at element {offset} does not lie inside {Shape}");

    /// <summary>
    /// True if both views start at the same address: how an in-place layer knows it is used in place.
    /// </summary>
    public bool SharesMemory(ReadOnlyTensor other) => Exists && Address == other.Address;
}

/// <summary>The same view, for reading only: as an argument of a kernel it is a source.</summary>
/// <param name="Address">Device address of the first element; 0 for no tensor.</param>
/// <param name="Shape">Extents, slowest first.</param>
/// <param name="Type">Type of the elements.</param>
public readonly record struct ReadOnlyTensor(nint Address, Shape Shape, ElementType Type = ElementType.Float32)
{
    /// <summary>No tensor: for sources that an operation can do without.</summary>
    public static ReadOnlyTensor None => default;

    /// <summary>True unless this is <see cref="None"/>.</summary>
    public bool Exists => Shape.Rank != 0;

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary>Size in bytes.</summary>
    public long Bytes => Shape.Count * Type.Size();

    /// <summary>Every tensor can be read.</summary>
    public static implicit operator ReadOnlyTensor(Tensor tensor) => new(tensor.Address, tensor.Shape, tensor.Type);

    /// <summary>The same memory with another shape of the same number of elements.</summary>
    public ReadOnlyTensor Reshape(Shape shape) => new Tensor(Address, Shape, Type).Reshape(shape);

    /// <summary>A part of the same memory, starting <paramref name="offset"/> elements in.</summary>
    public ReadOnlyTensor Slice(long offset, Shape shape) => new Tensor(Address, Shape, Type).Slice(offset, shape);
}
