using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Runs an exported file by ONNX Runtime on random pictures and compares with the engine.</summary>
internal sealed class OnnxVerification(FoldedNetwork network, OnnxExportOptions options, ProbabilityHead? head = null)
{
    /// <summary>
    /// In single precision: two programs that sum in different orders differ by about 1e-6 in probability; a wrong
    /// operator by 1e-2 and more.
    /// </summary>
    public const double SingleTolerance = 1e-4;

    private const int Blobs = 6;
    private static readonly int[] FreeBatches = [1, 5];
    private double _largestLogit;

    /// <summary>The largest difference in probability over all pictures.</summary>
    public double Difference { get; private set; }

    /// <summary>Pictures compared.</summary>
    public int Pictures { get; private set; }

    /// <summary>
    /// What the difference may be. In half precision each of the L layers rounds its weights and its output, each to a
    /// relative 2^-11 at most, 2^-11 / sqrt(3) on average: 2 L independent errors make sqrt(2 L / 3) * 2^-11 of the
    /// largest logit. Three times that, times the sigmoid's steepest slope, 1/4.
    /// </summary>
    public double Tolerance => options.Half
        ? 0.25 * 3 * Math.Sqrt(2.0 / 3 * WeightedSteps) * Math.ScaleB(Math.Max(1, _largestLogit), -11)
        : SingleTolerance;

    private int WeightedSteps =>
        network.Steps.Count(step => step is ConvolutionStep or LinearStep or GroupedLinearStep);

    /// <summary>True if no probability is further from the engine's; a probability that is not a number is.</summary>
    public bool Passed => Difference <= Tolerance;

    /// <summary>Compares the outputs.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">Threads of ONNX Runtime; 0: as many as the machine has.</param>
    /// <param name="cancellation">Stops, also in the middle of a run.</param>
    /// <exception cref="EngineException">ONNX Runtime does not take the file, or is missing.</exception>
    public void Run(string path, int threads, CancellationToken cancellation = default)
    {
        using var session = new OnnxSession(path, threads);
        foreach (var batch in options.DynamicBatch ? FreeBatches : [options.Batch])
        {
            foreach (var (width, height) in Sizes())
            {
                var pictures = Enumerable.Range(0, batch)
                    .Select(i => RandomPicture(width, height, (ulong)(Pictures + i + 1))).ToArray();
                Compare(Expected(pictures, cancellation), Actual(session, pictures, cancellation));
                Pictures += batch;
            }
        }
    }

    // With the preparation inside: as it is, shrunk by odd factors, enlarged one way and shrunk the other.
    private (int Width, int Height)[] Sizes()
    {
        var size = options.Preparation.ImageSize;
        return options.Input == OnnxInput.Pictures
            ? [(size, size), (3 * size + 7, 2 * size + 5), (size / 2 + 1, size + 30)]
            : [(size, size)];
    }

    private float[] Expected(RgbPicture[] pictures, CancellationToken cancellation)
    {
        var (size, classes) = (options.Preparation.ImageSize, network.Description.Classes);
        var pixels = new byte[pictures.Length * size * size * 3];
        for (var i = 0; i < pictures.Length; i++)
        {
            PictureResizer.Resize(
                pictures[i], size, size, options.Preparation.Filter,
                pixels.AsSpan(i * size * size * 3, size * size * 3));
        }
        var logits = new float[pictures.Length * classes];
        network.Run(pixels, pictures.Length, size, size, logits, cancellation);
        _largestLogit = Math.Max(_largestLogit, logits.Max(Math.Abs));
        if (head is null)
            return Array.ConvertAll(logits, logit => (float)(1 / (1 + Math.Exp(-(double)logit))));
        head.Apply(logits, logits);
        return logits;
    }

    private float[] Actual(OnnxSession session, RgbPicture[] pictures, CancellationToken cancellation)
    {
        var (width, height) = (pictures[0].Width, pictures[0].Height);
        byte[] pixels = [.. pictures.SelectMany(picture => picture.Pixels)];
        return options.Input == OnnxInput.Singles
            ? session.Run(ChannelsFirst(pixels, width * height), cancellation, pictures.Length, 3, height, width)
            : session.Run(pixels, cancellation, pictures.Length, height, width, 3);
    }

    private void Compare(float[] expected, float[] actual)
    {
        if (actual.Length != expected.Length)
        {
            throw new EngineException(
                $"ONNX Runtime returns {actual.Length} probabilities where the engine returns {expected.Length}");
        }
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs((double)actual[i] - expected[i]);
            Difference = double.IsNaN(difference) ? double.NaN : Math.Max(Difference, difference); // Max keeps a NaN
        }
    }

    private static float[] ChannelsFirst(byte[] pixels, int pixelsPerPicture)
    {
        var result = new float[pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (picture, pixel, channel) = (i / (pixelsPerPicture * 3), i / 3 % pixelsPerPicture, i % 3);
            result[(picture * 3 + channel) * pixelsPerPicture + pixel] = pixels[i] / 255f;
        }
        return result;
    }

    // Soft blobs with grain: noise alone would be grey after shrinking, and no picture is.
    private static RgbPicture RandomPicture(int width, int height, ulong seed)
    {
        var random = new SeededRandom(seed);
        var blobs = new RgbPicture(Blobs, Blobs);
        for (var i = 0; i < blobs.Pixels.Length; i++)
            blobs.Pixels[i] = (byte)random.Next(256);
        var picture = PictureResizer.Resize(blobs, width, height, ResizeFilter.Bicubic);
        for (var i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = (byte)Math.Clamp(picture.Pixels[i] + random.Next(65) - 32, 0, 255);
        return picture;
    }
}
