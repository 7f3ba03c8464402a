using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    private const int ActivationUnit = 16384;

    public void ActivationForward(ReadOnlyTensor input, ActivationKind activation, Tensor output)
    {
        UnknownActivation.Refuse(activation); // not in the threads that compute
        var units = (int)((output.Count + ActivationUnit - 1) / ActivationUnit);
        var work = new ActivationWork(input.Pointer(), activation, output.Pointer(), output.Count, backward: false);
        Workers.Run(ref work, units);
    }

    public void ActivationBackward(ReadOnlyTensor output, ActivationKind activation, Tensor gradient)
    {
        UnknownActivation.Refuse(activation);
        if (activation == ActivationKind.None)
            return;
        var units = (int)((gradient.Count + ActivationUnit - 1) / ActivationUnit);
        var work = new ActivationWork(output.Pointer(), activation, gradient.Pointer(), gradient.Count, backward: true);
        Workers.Run(ref work, units);
    }

    // A stretch of elements is treated as the channels of one pixel.
    private readonly struct ActivationWork(
        float* source, ActivationKind activation, float* destination, long count, bool backward) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var from = (long)chunk * ActivationUnit;
            var kernel = new ActivationKernel(source + from, activation, destination + from, backward);
            new ChannelSweep<ActivationKernel>(kernel, (int)Math.Min(ActivationUnit, count - from)).Execute(0);
        }
    }

    private readonly struct ActivationKernel(
        float* source, ActivationKind activation, float* destination, bool backward) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var value = L.Load(source + channel);
            if (backward)
                L.Store(Backward(value, L.Load(destination + channel)), destination + channel);
            else
                L.Store(Forward(value), destination + channel);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private L Forward<L>(L z) where L : struct, ILanes<L> => activation switch
        {
            ActivationKind.None => z,
            ActivationKind.Relu => L.Maximum(L.Splat(0), z),
            ActivationKind.Sigmoid => VectorMath.Sigmoid(z),
            _ => throw UnknownActivation.Error(activation),
        };

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private L Backward<L>(L y, L gradient) where L : struct, ILanes<L> => activation switch
        {
            ActivationKind.None => gradient,
            ActivationKind.Relu => L.WherePositive(y, gradient, L.Splat(0)),
            ActivationKind.Sigmoid => gradient * y * (L.Splat(1) - y),
            _ => throw UnknownActivation.Error(activation),
        };
    }
}
