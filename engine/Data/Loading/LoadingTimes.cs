using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// How long a thread takes to load pictures, part by part. The parts run one after the other here; a loader resizes row
/// by row while it decodes, which is the same work.
/// </summary>
/// <param name="Reading">Time to read the files; of raw pixels, to copy them.</param>
/// <param name="Decoding">Time to decode to rows of RGB.</param>
/// <param name="Resizing">Time to resize.</param>
/// <param name="Augmenting">Time for random changes.</param>
internal sealed record LoadingTimes(TimeSpan Reading, TimeSpan Decoding, TimeSpan Resizing, TimeSpan Augmenting)
{
    /// <summary>All parts together.</summary>
    public TimeSpan Whole => Reading + Decoding + Resizing + Augmenting;

    /// <summary>Times all parts for every picture once.</summary>
    /// <param name="samples">The pictures.</param>
    /// <param name="options">Preparation, augmentation and its seed, clock.</param>
    /// <param name="cancellation">Stops between two pictures.</param>
    /// <exception cref="InputException">A picture cannot be read; names the file.</exception>
    public static LoadingTimes Of(
        IReadOnlyList<Sample> samples, BatchLoaderOptions options, CancellationToken cancellation)
    {
        var (parts, size) = (new TimeSpan[4], options.Preparation.ImageSize);
        var pixels = new byte[size * size * 3];
        var decoded = new ReusedPicture();
        for (var i = 0; i < samples.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var random = new SeededRandom(options.Seed).Derive((ulong)i);
            if (samples[i].Raw is null)
                Prepare(samples[i], options, pixels, decoded, parts);
            else
                parts[0] += Time(options, () => samples[i].Prepare(options.Preparation, pixels));
            parts[3] += Time(
                options, () => PictureAugmentation.Apply(options.Augmentation, pixels, size, size, random));
        }
        return new LoadingTimes(parts[0], parts[1], parts[2], parts[3]);
    }

    private static void Prepare(
        Sample sample, BatchLoaderOptions options, byte[] pixels, ReusedPicture decoded, TimeSpan[] parts)
    {
        var ((size, filter, rotate), bytes) = (options.Preparation, Array.Empty<byte>());
        parts[0] += Time(options, () => bytes = sample.ReadBytes());
        parts[1] += Time(options, () => sample.Give(bytes, decoded, rotate, new SKSizeI(size, size)));
        parts[2] += Time(options, () => decoded.Give(new RowResizer(size, size, filter, pixels)));
    }

    private static TimeSpan Time(BatchLoaderOptions options, Action work)
    {
        var start = options.Time.GetTimestamp();
        work();
        return options.Time.GetElapsedTime(start);
    }

    /// <summary>Keeps a picture in memory that the next one uses again: new memory would be most of the time.</summary>
    private sealed class ReusedPicture : IPictureSink
    {
        private byte[] _pixels = [];
        private int _width, _height, _filled;

        public void Begin(int width, int height)
        {
            (_width, _height, _filled) = (width, height, 0);
            if (_pixels.Length < (long)width * height * 3)
                _pixels = new byte[width * height * 3];
        }

        public void Row(ReadOnlySpan<byte> rgb)
        {
            rgb.CopyTo(_pixels.AsSpan(_filled));
            _filled += rgb.Length;
        }

        public void Give(IPictureSink sink)
        {
            sink.Begin(_width, _height);
            for (var y = 0; y < _height; y++)
                sink.Row(_pixels.AsSpan(y * _width * 3, _width * 3));
        }
    }
}
