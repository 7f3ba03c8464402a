// linear: what a linear layer does beside its matrix product: y = f(y + bias) in place, and the bias gradient, column
// sums of dy
//
// y      [rows, outputs] float, in place
// bias   [outputs] float, or nullptr
// dy     [rows, outputs] float
// kind   Nothing, Relu or Sigmoid of common.cuh
// Vectors of a batch are small (256 x 2048 floats at most), so one value a thread is enough: 1 read, 1 write a value.
// linear_bias_gradient: 32 columns x 16 rows a block, rows in a fixed order.
// H200 at 4.8 TB/s, 256x512: 0.2 us, so bound by the launch. Measured: not yet.
// Twins: engine/Operations/Linear, tools/KernelLab/Cases; the matrix product's own twin is kernels/convolution.cu with
// a 1x1 window
#include "reduction.cuh"

SWEEP_KERNEL linear_bias_activation(const float *bias, int kind, float *y, int count, int outputs)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < count; i += gridDim.x * SweepThreads)
        y[i] = activate(y[i] + (bias != nullptr ? bias[i % outputs] : 0), kind);
}

FINISH_KERNEL linear_bias_gradient(const float *dy, int rows, int outputs, float *biasGradient)
{
    const int column = blockIdx.x * FinishColumns + threadIdx.x;
    float total[1];
    if (sum_parts<1>(dy, rows, outputs, column, total))
        biasGradient[column] = total[0];
}
