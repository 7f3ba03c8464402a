namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    // Threads of a block, and the square of outputs of a block of gate_weight_gradients: as in gate_squeeze_excite.cu.
    private const int GateThreads = 256, GateTile = 16;

    // A picture's channels and hidden values lie in shared memory, next to the 9 KiB of sums and tiles.
    private const int MostGateValues = (39 << 10) / sizeof(float);

    private readonly KernelEntries _pooledGate = new("gate_squeeze_excite", "pooled_gate");
    private readonly KernelEntries _appliedGate = new("gate_squeeze_excite", "applied_gate");
    private readonly KernelEntries _normalizedGate = new("gate_squeeze_excite", "normalized_gate");
    private readonly KernelEntries _gateBackward = new("gate_squeeze_excite", "gate_backward");
    private readonly KernelEntries _gateWeightGradients = new("gate_squeeze_excite", "gate_weight_gradients");

    public void PooledGateForward(
        ReadOnlyTensor input, ReadOnlyTensor reduceWeight, ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight,
        ReadOnlyTensor expandBias, Tensor pooled, Tensor hidden, Tensor excitation)
    {
        var (channels, width) = (input.Shape.Channels, hidden.Shape.Channels);
        var fast = IsFast(channels, input.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: true);
        if (!FitsGate(channels + width, reduceWeight, expandWeight))
        {
            GateComposition.PooledForward(
                this, input, reduceWeight, reduceBias, expandWeight, expandBias, pooled, hidden, excitation);
            return;
        }
        Launch(
            _pooledGate, input.Type, fast, reduction.Shape with { SharedBytes = GateBytes(channels, width) },
            input, reduction.Pixels, channels, (float)(1.0 / reduction.Pixels), Parts(reduction, 1, channels),
            GateCounters(reduction), reduceWeight, reduceBias, expandWeight, expandBias, width, pooled, hidden,
            excitation);
    }

    public void AbnApplyGateForward(
        ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor pooled,
        Tensor hidden, Tensor excitation)
    {
        var (channels, width) = (input.Shape.Channels, hidden.Shape.Channels);
        if (!FitsGate(channels + width, reduceWeight, expandWeight))
        {
            GateComposition.AppliedForward(
                this, input, normalization, slope, output, reduceWeight, reduceBias, expandWeight, expandBias, pooled,
                hidden, excitation);
            return;
        }
        var fast = IsFast(channels, input.Address, normalization.Address, output.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: true);
        Launch(
            _appliedGate, input.Type, fast, reduction.Shape with { SharedBytes = GateBytes(channels, width) },
            input, normalization, slope, output, reduction.Pixels, channels, (float)(1.0 / reduction.Pixels),
            Parts(reduction, 1, channels), GateCounters(reduction), reduceWeight, reduceBias, expandWeight, expandBias,
            width, pooled, hidden, excitation);
    }

    // Tiles of a picture, and behind them the pictures.
    private nint GateCounters(in Reduction reduction) => Scratch(
        ScratchSlot.Counters, (long)(reduction.Tiles + 1) * reduction.Pictures * sizeof(uint), cleared: true);

    public void NormalizedGateForward(
        ReadOnlyTensor pictureMean, ReadOnlyTensor normalization, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor pooled,
        Tensor hidden, Tensor excitation)
    {
        var (channels, width) = (pictureMean.Shape.Channels, hidden.Shape.Channels);
        if (!FitsGate(channels + width, reduceWeight, expandWeight))
        {
            GateComposition.NormalizedForward(
                this, pictureMean, normalization, reduceWeight, reduceBias, expandWeight, expandBias, pooled, hidden,
                excitation);
            return;
        }
        Launch(
            _normalizedGate, GateShape(pictureMean.Shape[0], channels, width),
            pictureMean, normalization, channels, reduceWeight, reduceBias, expandWeight, expandBias, width, pooled,
            hidden, excitation);
    }

    public void GateBackward(
        ReadOnlyTensor pooled, ReadOnlyTensor hidden, ReadOnlyTensor excitation, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor expandWeight, Tensor excitationGradient, Tensor hiddenGradient, Tensor pooledGradient,
        Tensor reduceWeightGradient, Tensor reduceBiasGradient, Tensor expandWeightGradient,
        Tensor expandBiasGradient)
    {
        var (pictures, channels, width) = (pooled.Shape[0], pooled.Shape.Channels, hidden.Shape.Channels);
        if (!FitsGate(channels + width, reduceWeight, expandWeight))
        {
            GateComposition.Backward(
                this, pooled, hidden, excitation, reduceWeight, expandWeight, excitationGradient, hiddenGradient,
                pooledGradient, reduceWeightGradient, reduceBiasGradient, expandWeightGradient, expandBiasGradient);
            return;
        }
        Launch(
            _gateBackward, GateShape(pictures, channels, width),
            excitation, hidden, reduceWeight, expandWeight, channels, width, excitationGradient, hiddenGradient,
            pooledGradient);
        var (across, down) = ((uint)Divide(channels, GateTile), (uint)Divide(width, GateTile));
        Launch(
            _gateWeightGradients, new LaunchShape(across, down, 2, GateTile, GateTile),
            pooled, hidden, excitationGradient, hiddenGradient, pictures, channels, width, reduceWeightGradient,
            reduceBiasGradient, expandWeightGradient, expandBiasGradient);
    }

    private static bool FitsGate(int values, ReadOnlyTensor reduceWeight, ReadOnlyTensor expandWeight) =>
        values <= MostGateValues
        && (reduceWeight.Type, expandWeight.Type) == (ElementType.Float32, ElementType.Float32);

    private static uint GateBytes(int channels, int width) => (uint)((channels + width) * sizeof(float));

    private static LaunchShape GateShape(int pictures, int channels, int width) =>
        LaunchShape.Linear(pictures, GateThreads) with { SharedBytes = GateBytes(channels, width) };
}
