namespace Flixstock.Engine;

/// <summary>
/// Where a network sees a class: Grad-CAM (Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via
/// Gradient-based Localization", ICCV 2017) over the body's last feature map A, [h, w, C]. The map is
/// ReLU(sum over k of alpha_k * A_k), [h, w], where alpha_k is the mean over all pixels of d logit / d A_k, computed
/// backward through the head, whatever its steps are. Of an attention head it is what the class' query attends to, the
/// mean over the heads.
/// </summary>
/// <remarks>
/// Threads: any number; they take turns on the device. Memory: besides the network's, one gradient of the feature map,
/// and on the host the feature map of the batch.
/// </remarks>
/// <example>
/// <code>
/// using var network = checkpoint.Fold(backend, explains: true);
/// using var cam = new GradCam(network);
/// var map = cam.Map(new Sample("shirt.jpg", "shirt.jpg", []).Decode(), checkpoint.Preparation, classIndex: 2);
/// </code>
/// </example>
public sealed class GradCam : IDisposable
{
    /// <summary>A <see cref="Predictor"/> explains this many labels of a picture at most, the first ones.</summary>
    public const int Most = 11;

    private readonly FoldedNetwork _network;
    private readonly DynamicArena _arena;
    private readonly HeadGradient _head;
    private readonly HeadAttention? _attention;
    private bool _disposed; // read and written inside the device's scope

    /// <summary>Explains a network, which stays the caller's.</summary>
    /// <param name="network">A network that was folded to be explained.</param>
    /// <exception cref="ArgumentException">It was not: <see cref="FoldedNetwork.Explains"/> is false.</exception>
    public GradCam(FoldedNetwork network)
    {
        if (!network.Explains)
            throw new ArgumentException("the network was not folded to be explained", nameof(network));
        _network = network;
        _arena = new DynamicArena(network.Backend.Device);
        _head = new HeadGradient(network, _arena);
        _attention = HeadAttention.Find(network);
    }

    /// <summary>The map of one class for one picture.</summary>
    /// <param name="picture">A picture of any size.</param>
    /// <param name="preparation">How the network's pictures are prepared.</param>
    /// <param name="classIndex">Number of the class among all classes.</param>
    public ActivationMap Map(RgbPicture picture, PicturePreparation preparation, int classIndex)
    {
        var size = preparation.ImageSize;
        var pixels = new byte[size * size * 3];
        PictureResizer.Resize(picture, size, size, preparation.Filter, pixels);
        return Maps(pixels, 1, size, size, [classIndex])[0];
    }

    /// <summary>The map of one class for each picture of a batch.</summary>
    /// <param name="pixels">[batch, height, width, 3], RGB bytes.</param>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="classes">[batch] the class to explain, among all classes.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="InputException">The network cannot take pictures of this size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public IReadOnlyList<ActivationMap> Maps(
        ReadOnlySpan<byte> pixels, int batch, int height, int width, IReadOnlyList<int> classes,
        CancellationToken cancellation = default)
    {
        var logits = new float[batch * _network.Description.Classes];
        var maps = Run(
            pixels, batch, height, width, logits, () => [.. classes.Select(one => new[] { one })], cancellation);
        return [.. maps.Select(one => one[0])];
    }

    /// <summary>Scores of a batch, and maps of the classes that are chosen by them.</summary>
    /// <param name="pixels">[batch, height, width, 3], RGB bytes.</param>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="logits">[batch, classes] gets the scores.</param>
    /// <param name="choose">Asked once the scores are there: each picture's classes.</param>
    /// <param name="cancellation">Stops between layers.</param>
    internal ActivationMap[][] Run(
        ReadOnlySpan<byte> pixels, int batch, int height, int width, Span<float> logits, Func<int[][]> choose,
        CancellationToken cancellation)
    {
        using var scope = _network.Backend.Device.EnterExclusive();
        ObjectDisposedException.ThrowIf(_disposed, this);
        _arena.Reset(); // what a call that failed has left
        var plan = _network.RunPlan(pixels, batch, height, width, logits, cancellation);
        var chosen = choose();
        var features = plan.Kept(_network.Features);
        var grid = FeatureGrid.Of(_network, plan);
        var (down, across) = (CellPlaces.Of(grid, height), CellPlaces.Of(grid, width));
        ActivationMap Map(float[] map) => new(features.Shape.Height, features.Shape.Width, map, down, across);
        if (_attention is { } attention)
        {
            var shares = attention.Read(_network.Backend.Device, plan);
            return [.. chosen.Select((classes, n) => classes.Select(
                one => Map(attention.Map(shares, n, Known(one)))).ToArray())];
        }
        var values = Singles(features);
        var maps = Array.ConvertAll(chosen, classes => new ActivationMap[classes.Length]);
        for (var round = 0; round < chosen.Max(classes => classes.Length); round++)
        {
            var channelWeights = ChannelWeights(plan, features.Shape, chosen, round);
            for (var n = 0; n < batch; n++)
            {
                if (round < chosen[n].Length)
                {
                    maps[n][round] = Map(Combine(values, channelWeights, features.Shape, n));
                }
            }
        }
        return maps;
    }

    /// <summary>Waits for the call that is computing and frees the gradients; the network stays.</summary>
    public void Dispose()
    {
        // A device that is gone has freed them.
        if (!_network.Backend.Device.TryEnterExclusive(out var scope))
            return;
        using (scope)
        {
            _disposed = true;
            _arena.Dispose();
        }
    }

    // alpha of each picture's class number 'round', [N, C]; zeros for pictures that have fewer.
    private float[] ChannelWeights(FoldedPlan plan, Shape features, int[][] chosen, int round)
    {
        var (device, classes) = (_network.Backend.Device, _network.Description.Classes);
        var scores = new float[chosen.Length * classes];
        foreach (var (n, own) in chosen.Index().Where(one => round < one.Item.Length))
        {
            scores[n * classes + Known(own[round])] = 1;
        }
        var gradient = _head.Of(plan, scores);
        var means = _arena.Take(new Shape(features.Batch, features.Channels));
        _network.Backend.Kernels.GlobalAveragePoolForward(gradient, means);
        var result = device.ToHost<float>(means);
        _arena.Release(means);
        _arena.Release(gradient);
        return result;
    }

    private int Known(int classIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(classIndex, _network.Description.Classes);
        return classIndex;
    }

    private static float[] Combine(float[] values, float[] channelWeights, Shape features, int picture)
    {
        var channels = features.Channels;
        var alpha = channelWeights.AsSpan(picture * channels, channels);
        var map = new float[features.PixelsPerPicture];
        for (var pixel = 0; pixel < map.Length; pixel++)
        {
            var own = values.AsSpan((picture * map.Length + pixel) * channels, channels);
            double sum = 0;
            for (var k = 0; k < channels; k++)
                sum += (double)alpha[k] * own[k];
            map[pixel] = (float)Math.Max(sum, 0);
        }
        return map;
    }

    private float[] Singles(Tensor features)
    {
        if (features.Type == ElementType.Float32)
            return _network.Backend.Device.ToHost<float>(features);
        var singles = _arena.Take(features.Shape);
        _network.Backend.Kernels.Copy(features, singles);
        var result = _network.Backend.Device.ToHost<float>(singles);
        _arena.Release(singles);
        return result;
    }
}
