using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

internal sealed class DnnTensor
{
    public Element Type { get; set; }

    /// <summary>n, c, h, w; of a filter k, c, h, w.</summary>
    public int[] Dimensions { get; set; } = [];

    public long Count => Dimensions.Aggregate(1L, (product, dimension) => product * dimension);
}

internal sealed class DnnConvolution
{
    public int PadH, PadW, StrideH, StrideW, DilationH, DilationW, MathType;
    public bool IsSet;
}

/// <summary>
/// cuDNN's convolutions on an emulated device: plain NHWC loops with double sums, descriptors checked against each
/// other.
/// </summary>
internal sealed unsafe partial class EmulatedDnn(EmulatedDriver driver) : IDnn
{
    private const int NotInitialized = 1001, BadParameter = 2000, NotSupported = 3000;
    private readonly Dictionary<nint, nint> _streams = [];
    private readonly Dictionary<nint, DnnTensor> _tensors = [], _filters = [];
    private readonly Dictionary<nint, DnnConvolution> _convolutions = [];
    private nint _handles = 0xD000;
    private string _reason = "";

    /// <summary>What a search for algorithms answers instead of searching; 0 for nothing of that kind.</summary>
    public int SearchStatus { get; set; }

    /// <summary>Numbers under which algorithms are listed, the fastest first; those above 1 only say so.</summary>
    public IReadOnlyList<int> Algorithms { get; set; } = [1, 0];

    /// <summary>Algorithms that wait for the device, which no capture survives.</summary>
    public IReadOnlyList<int> NotCapturable { get; set; } = [];

    /// <summary>How often each algorithm was queued.</summary>
    public Dictionary<int, int> AlgorithmRuns { get; } = [];

    /// <summary>How often algorithms were timed.</summary>
    public int Searches { get; private set; }

    public nuint cudnnGetVersion() => 90600;

    public int cudnnCreate(nint* handle)
    {
        *handle = _handles += 0x10;
        _streams[*handle] = 0;
        return 0;
    }

    public int cudnnDestroy(nint handle) => _streams.Remove(handle) ? 0 : NotInitialized;

    public int cudnnSetStream(nint handle, nint stream)
    {
        if (!_streams.ContainsKey(handle))
            return NotInitialized;
        _streams[handle] = stream;
        return driver.Queues.Streams.ContainsKey(stream) ? 0 : Refuse("the stream is not one");
    }

    public int cudnnCreateTensorDescriptor(nint* descriptor) => Create(descriptor, _tensors);

    public int cudnnDestroyTensorDescriptor(nint descriptor) =>
        _tensors.Remove(descriptor) ? 0 : Refuse("not a tensor descriptor");

    public int cudnnSetTensor4dDescriptor(nint descriptor, int format, int type, int n, int c, int h, int w) =>
        Set(_tensors, descriptor, format, type, [n, c, h, w]);

    public int cudnnCreateFilterDescriptor(nint* descriptor) => Create(descriptor, _filters);

    public int cudnnDestroyFilterDescriptor(nint descriptor) =>
        _filters.Remove(descriptor) ? 0 : Refuse("not a filter descriptor");

    public int cudnnSetFilter4dDescriptor(nint descriptor, int type, int format, int k, int c, int h, int w) =>
        Set(_filters, descriptor, format, type, [k, c, h, w]);

    public int cudnnCreateConvolutionDescriptor(nint* descriptor) => Create(descriptor, _convolutions);

    public int cudnnDestroyConvolutionDescriptor(nint descriptor) =>
        _convolutions.Remove(descriptor) ? 0 : Refuse("not a convolution descriptor");

    public int cudnnSetConvolution2dDescriptor(
        nint descriptor, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW, int mode,
        int computeType)
    {
        if (!_convolutions.TryGetValue(descriptor, out var convolution))
            return Refuse("not a convolution descriptor");
        if (padH < 0 || padW < 0 || strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1)
            return Refuse("padding, stride or dilation is out of range");
        if (mode != 1 || computeType != 0)
            return Refuse("only cross-correlation with single sums is expected", NotSupported);
        (convolution.PadH, convolution.PadW, convolution.StrideH, convolution.StrideW) = (padH, padW, strideH, strideW);
        (convolution.DilationH, convolution.DilationW, convolution.IsSet) = (dilationH, dilationW, true);
        return 0;
    }

    public int cudnnSetConvolutionMathType(nint descriptor, int mathType)
    {
        if (!_convolutions.TryGetValue(descriptor, out var convolution) || mathType is < 0 or > 3)
            return Refuse("not a convolution descriptor or math type");
        convolution.MathType = mathType;
        return 0;
    }

    public string StatusText(int status) => status == 0 ? "success" : $"status {status}: {_reason}";

    private int Refuse(string reason, int status = BadParameter)
    {
        _reason = reason;
        return status;
    }

    private int Create<T>(nint* descriptor, Dictionary<nint, T> known) where T : new()
    {
        *descriptor = _handles += 0x10;
        known[*descriptor] = new T();
        return 0;
    }

    private int Set(Dictionary<nint, DnnTensor> known, nint descriptor, int format, int type, int[] dimensions)
    {
        if (!known.TryGetValue(descriptor, out var tensor))
            return Refuse("not a descriptor of this kind");
        if (format != 1)
            return Refuse("the format is not NHWC", NotSupported);
        if (type is not (0 or 2 or 9) || dimensions.Any(dimension => dimension < 1))
            return Refuse("type or dimensions are out of range");
        tensor.Type = type switch { 0 => Element.Single, 2 => Element.Half, _ => Element.Bfloat };
        tensor.Dimensions = dimensions;
        return 0;
    }
}
