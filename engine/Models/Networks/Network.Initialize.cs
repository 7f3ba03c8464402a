namespace Flixstock.Engine;

public abstract partial class Network
{
    // Gain of PyTorch's Kaiming initialisation for a leaky ReLU with its default slope of 0.01.
    private static readonly double KaimingGain = Math.Sqrt(2 / (1 + 0.01 * 0.01));
    private const double HeadDeviation = 0.01;

    /// <summary>
    /// Draws fresh weights: convolutions (squeeze-excite's too) Kaiming normal by fan-out, linear weights N(0, 0.01),
    /// their biases uniform in +-1/sqrt(fan-in), weights of norms 1, those of <see cref="NetworkBody.ZeroInitialized"/>
    /// 0. Each parameter has its own stream, named after it.
    /// </summary>
    public virtual void Initialize(ulong seed)
    {
        RequireOpen();
        var random = new SeededRandom(seed);
        var zero = Body.ZeroInitialized.ToHashSet();
        // of a layer's weight, for the bias that follows it
        var fanIn = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var parameter in Buffer.Parameters)
        {
            var values = new float[parameter.PublishedShape.Count];
            var prefix = parameter.Name[..parameter.Name.LastIndexOf('.')];
            if (parameter.Kind == ParameterKind.Weight || parameter.InitialDeviation is not null)
            {
                fanIn[prefix] = (int)(parameter.PublishedShape.Count / parameter.PublishedShape[0]);
                FillNormal(values, Deviation(parameter), random.Derive(parameter.Name));
            }
            else if (parameter.Name.EndsWith(".bias", StringComparison.Ordinal)
                && fanIn.TryGetValue(prefix, out var inputs))
            {
                FillUniform(values, 1 / Math.Sqrt(inputs), random.Derive(parameter.Name));
            }
            else if (IsOne(parameter) && !zero.Contains(parameter))
            {
                Array.Fill(values, 1);
            }
            var padded = new float[parameter.Shape.Count];
            PublishedLayout.Pad(parameter, values, padded);
            Backend.Device.CopyFromHost<float>(padded, parameter.Value);
        }
        Buffer.RefreshCompute(Backend.Kernels);
        foreach (var normalization in _normalizations)
            normalization.BatchesTracked = 0;
        foreach (var dropout in _dropouts)
            dropout.Seed = random.Derive(dropout.Name).NextUInt64();
    }

    private static bool IsOne(Parameter parameter) =>
        parameter.Name.EndsWith(".weight", StringComparison.Ordinal)
        || parameter.Name.EndsWith(".running_var", StringComparison.Ordinal);

    // Fan-out of [K, R, S, C] is K * R * S.
    private static double Deviation(Parameter parameter) =>
        parameter.InitialDeviation is { } deviation ? deviation
        : parameter.PublishedShape.Rank == 2 && !parameter.PublishedAsConvolution
            ? HeadDeviation
            : KaimingGain / Math.Sqrt((double)parameter.PublishedShape.Count / parameter.PublishedShape.Channels);

    private static void FillNormal(float[] values, double deviation, SeededRandom random)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(deviation * random.NextGaussian());
    }

    private static void FillUniform(float[] values, double bound, SeededRandom random)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)random.NextDouble(-bound, bound);
    }
}
