namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class AbnFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new(
            "statistics_abn.cu", "pixel - (PacksInFlight - 1) * step >= 0", "pixel >= 0",
            "AbnStatistics pictureMean=False"),
        new("statistics_abn.cu", "counts[part] * difference", "difference", "AbnStatistics pictureMean=False"),
        new(
            "statistics_abn.cu", "part = picture * segments; part", "part = picture * segments + 1; part",
            "AbnStatistics pictureMean=True"),
        new("statistics_abn.cu", "first + moments.mean", "moments.mean", "AbnStatistics mean=1000"),
        new("statistics_abn.cu", "first - origin[channel] + own.mean", "own.mean", "AbnMoments mean=1000"),
        new(
            "statistics_abn.cu", "inside ? tile.channel : blockIdx.x * tile.width", "inside ? tile.channel : 0",
            "AbnStatistics pictureMean=False"),
        new("statistics_abn.cu", "relu(fmaf(-mean, mean,", "(fmaf(-mean, mean,", "AbnSumsNormalization"),
        new("statistics_abn.cu", "variance * count}, momentum", "variance}, momentum", "AbnSumsNormalization"),
        new(
            "abn_sums.cuh", "weight[channel] < 0 ? -sums[1] : sums[1]", "sums[1]",
            "IdentityAbnBackward gamma=1 training=True"),
        new("residual_abn.cu", "? 1u << v : 0", "? 1u << (v ^ 1) : 0", "AbnResidualReluBackward signs"),
        new("residual_abn.cu", "item.bits >> v & 1", "item.bits >> v", "AbnExciteResidualReluBackward signs"),
        new(
            "residual_abn.cu", "(picture + i + k * step) * V);\n    }\n    if", "(picture + i) * V);\n    }\n    if",
            "AbnExciteResidualReluBackward training=True inPlace=True"),
    ];
}
