namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class SqueezeExciteFaults : IPlantedFaults
{
    private const string File = "gate_squeeze_excite.cu";

    public IEnumerable<PlantedFault> All =>
    [
        // The second tile's channels may not be there yet.
        new(File, "picture, gridDim.x))", "picture, 1))", "PooledGateForward"),
        new(File, "gate_memory[c] = pooled", "gate_memory[c] = 2 * pooled", "PooledGateForward"),
        new(
            File, "row + i < rows)\n                use", "row + i < rows - 1)\n                use",
            "NormalizedGateForward"),
        new(File, "z >= 0 ? z : slope * z", "z", "AbnApplyGateForward"),
        new(File, "        pack.store(y + offset);", "        ;", "AbnApplyGateForward"),
        new(File, "__syncthreads();\n    multiply_rows(w2", "multiply_rows(w2", "NormalizedGateForward"),
        new(File, "hidden[hiddenRow + h] > 0 ? sum : 0", "sum", "GateBackward"),
        new(File, "__syncthreads();\n    multiply_columns(\n", "multiply_columns(\n", "GateBackward"),
        new(File, "        __syncthreads();\n    }\n    if (output", "    }\n    if (output", "GateBackward"),
        new(File, "first < pictures; first", "first < pictures - GateTile; first", "GateBackward"),
    ];
}
