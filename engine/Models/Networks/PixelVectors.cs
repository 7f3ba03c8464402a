namespace Flixstock.Engine;

/// <summary>
/// A body's features as a vector for each pixel, in single precision, for heads that do not pool first.
/// </summary>
internal static class PixelVectors
{
    /// <summary>[N, H, W, C] as [N * H * W, C]: the same memory, or a copy where the features have 16 bits.</summary>
    /// <param name="pass">
    /// Source of the copy, which the caller releases by <see cref="PixelGradient.ToFeatures"/>.
    /// </param>
    /// <param name="features">[N, H, W, C]</param>
    public static Tensor Of(Pass pass, Tensor features)
    {
        var rows = new Shape(checked((int)features.Shape.Pixels), features.Shape.Channels);
        if (features.Type == ElementType.Float32)
            return features.Reshape(rows);
        var singles = pass.Take(rows);
        pass.Kernels.Copy(features, singles);
        return singles;
    }
}

/// <summary>The gradient of <see cref="PixelVectors.Of"/>.</summary>
internal readonly struct PixelGradient
{
    private readonly Pass _pass;
    private readonly Tensor _features, _vectors;

    /// <summary>Takes memory for it.</summary>
    /// <param name="pass">The pass of the forward call.</param>
    /// <param name="features">[N, H, W, C]</param>
    /// <param name="vectors">What <see cref="PixelVectors.Of"/> returned.</param>
    public PixelGradient(Pass pass, Shape features, Tensor vectors)
    {
        (_pass, _vectors, _features) = (pass, vectors, pass.TakeActivation(features));
        Pixels = IsSame ? _features.Reshape(vectors.Shape) : pass.Take(vectors.Shape);
    }

    /// <summary>[N * H * W, C], to be written.</summary>
    public Tensor Pixels { get; }

    private bool IsSame => _features.Type == ElementType.Float32;

    /// <summary>Releases the copies.</summary>
    /// <returns>[N, H, W, C] in the type of the activations; the caller's.</returns>
    public Tensor ToFeatures()
    {
        if (!IsSame)
        {
            _pass.Kernels.Copy(Pixels, _features);
            _pass.Release(Pixels);
            _pass.Release(_vectors);
        }
        return _features;
    }
}
