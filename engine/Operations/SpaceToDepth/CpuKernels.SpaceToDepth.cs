using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void SpaceToDepthForward(ReadOnlyTensor input, int block, Tensor output)
    {
        var work = new SpaceToDepthWork(
            input.Shape, output.Shape, block, input.Address, input.Type == ElementType.UInt8, output.Pointer());
        Workers.Run(ref work, output.Shape.Batch * output.Shape.Height);
    }

    public void SpaceToDepthBackward(ReadOnlyTensor outputGradient, int block, bool accumulate, Tensor inputGradient)
    {
        var work = new DepthToSpaceWork(
            inputGradient.Shape, outputGradient.Shape, block, outputGradient.Pointer(), accumulate,
            inputGradient.Pointer());
        Workers.Run(ref work, outputGradient.Shape.Batch * outputGradient.Shape.Height);
    }

    // A chunk is an output row. block * C elements lie side by side in both tensors: a run.
    private readonly struct SpaceToDepthWork(Shape input, Shape output, int block, nint x, bool bytes, float* y)
        : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var run = block * input.Channels;
            for (var dy = 0; dy < block; dy++)
            {
                var source = ((long)chunk * block + dy) * input.Width * input.Channels;
                var destination = y + (long)chunk * output.Width * output.Channels + dy * run;
                for (var q = 0; q < output.Width; q++, source += run, destination += output.Channels)
                {
                    if (bytes)
                        Divide((byte*)x + source, run, destination);
                    else
                        new ReadOnlySpan<float>((float*)x + source, run).CopyTo(new Span<float>(destination, run));
                }
            }
        }

        private static void Divide(byte* source, int count, float* destination)
        {
            var i = 0;
            for (; i + 4 <= count; i += 4)
            {
                var pixels = Vector128.WidenLower(
                    Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)(source + i)).AsByte()));
                (Vector128.ConvertToSingle(pixels.AsInt32()) / Vector128.Create(255f)).Store(destination + i);
            }
            for (; i < count; i++)
                destination[i] = source[i] / 255f;
        }
    }

    private readonly struct DepthToSpaceWork(
        Shape input, Shape output, int block, float* dy, bool accumulate, float* dx) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var run = block * input.Channels;
            for (var row = 0; row < block; row++)
            {
                var destination = dx + ((long)chunk * block + row) * input.Width * input.Channels;
                var source = dy + (long)chunk * output.Width * output.Channels + row * run;
                for (var q = 0; q < output.Width; q++, source += output.Channels, destination += run)
                {
                    for (var i = 0; i < run; i++)
                        destination[i] = accumulate ? destination[i] + source[i] : source[i];
                }
            }
        }
    }
}
