namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>Every element becomes value.</summary>
    void Fill(float value, Tensor destination);

    /// <summary>destination += source.</summary>
    [Reads(nameof(destination))]
    void Add(ReadOnlyTensor source, Tensor destination);

    /// <summary>The source again and again, until the destination is full.</summary>
    /// <param name="source">[Q, D], Float32 on every device.</param>
    /// <param name="destination">[N, Q, D]</param>
    void Repeat(ReadOnlyTensor source, Tensor destination);

    /// <summary>
    /// destination = source, for tensors of equally many elements; between Float32 and a 16-bit type it converts, to
    /// nearest, ties to even.
    /// </summary>
    void Copy(ReadOnlyTensor source, Tensor destination);
}
