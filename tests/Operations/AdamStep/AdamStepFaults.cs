namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class AdamStepFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("adam_step.cu", "averageDecay = row[4]", "averageDecay = row[5]", "AdamStep skipped=0"),
        new("adam_step.cu", "shrink * p : 0", "weightDecay * p : 0", "AdamStep decoupled=True body=1"),
        new("adam_step.cu", "(clip != nullptr ? clip[0] : 1)", "1", "AdamStep decoupled=False"),
        new("adam_step.cu", "bodyMap[i / MapElements] ?", "!bodyMap[i / MapElements] ?", "AdamStep decoupled=False"),
        new("adam_step.cu", "continue;\n        Quad", ";\n        Quad", "AdamStep decoupled=True body=0"),
    ];
}
