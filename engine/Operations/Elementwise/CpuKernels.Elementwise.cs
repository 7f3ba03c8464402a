using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void Fill(float value, Tensor destination)
    {
        var work = new FillWork(value, destination.Pointer(), destination.Count);
        Workers.Run(ref work, ElementwiseChunks(destination.Count));
    }

    public void Add(ReadOnlyTensor source, Tensor destination)
    {
        var work = new AddWork(source.Pointer(), destination.Pointer(), destination.Count);
        Workers.Run(ref work, ElementwiseChunks(destination.Count));
    }

    public void Repeat(ReadOnlyTensor source, Tensor destination)
    {
        var work = new RepeatWork(source.Pointer(), destination.Pointer(), source.Count);
        Workers.Run(ref work, (int)(destination.Count / source.Count));
    }

    public void Copy(ReadOnlyTensor source, Tensor destination)
    {
        var work = new CopyWork((byte*)source.Address, (byte*)destination.Address, destination.Bytes);
        Workers.Run(ref work, ElementwiseChunks((destination.Bytes + sizeof(float) - 1) / sizeof(float)));
    }

    private readonly struct FillWork(float value, float* destination, long count) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var begin = (long)chunk * ElementwiseChunk;
            new Span<float>(destination + begin, (int)Math.Min(ElementwiseChunk, count - begin)).Fill(value);
        }
    }

    private readonly struct CopyWork(byte* source, byte* destination, long bytes) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var begin = (long)chunk * ElementwiseChunk * sizeof(float);
            var length = Math.Min((long)ElementwiseChunk * sizeof(float), bytes - begin);
            Buffer.MemoryCopy(source + begin, destination + begin, length, length);
        }
    }

    private readonly struct RepeatWork(float* source, float* destination, long count) : IChunkedWork
    {
        public void Execute(int chunk) =>
            Buffer.MemoryCopy(
                source, destination + (chunk * count), count * sizeof(float), count * sizeof(float));
    }

    private readonly struct AddWork(float* source, float* destination, long count) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var i = (long)chunk * ElementwiseChunk;
            var end = Math.Min(count, i + ElementwiseChunk);
            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
                (Vector512.Load(destination + i) + Vector512.Load(source + i)).Store(destination + i);
            for (; i < end; i++)
                destination[i] += source[i];
        }
    }
}
