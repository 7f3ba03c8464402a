namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class ConvolutionFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new(
            "convolution.cu",
            "product.right(d + threadIdx.y, column);\n        __syncthreads();",
            "product.right(d + threadIdx.y, column);",
            "ConvolutionForward 3x3 stride=1"),
        new(
            "convolution.cu",
            "right[i][threadIdx.x];\n        __syncthreads();",
            "right[i][threadIdx.x];",
            "ConvolutionForward 3x3 stride=1"),
        new("convolution.cu", "h < 0 || h >= w.height", "h >= w.height", "ConvolutionForward 3x3 stride=1"),
        new(
            "convolution.cu",
            "product.right(d + threadIdx.y, column)",
            "product.right(d + threadIdx.x, column)",
            "ConvolutionForward 1x1 stride=1"),
    ];
}
