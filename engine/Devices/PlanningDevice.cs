namespace Flixstock.Engine;

/// <summary>
/// A device that hands out addresses that must not be accessed and counts their bytes: what is built and stepped on it
/// says how much memory the same would take on a real one,
/// before anything is allocated there.
/// </summary>
internal sealed class PlanningDevice : Device
{
    // Above every address of a machine and of a recording arena, and far enough apart that views never meet.
    private const long First = 1L << 62, Spacing = 1L << 40;
    private readonly bool _asynchronous;
    private readonly Dictionary<nint, long> _allocations = [];
    private readonly Dictionary<int, long> _scratch = [];
    private long _count;

    /// <summary>
    /// Plans for a device: its padding, its number of input buffers, the scratch memory it has already.
    /// </summary>
    public PlanningDevice(Device like)
    {
        (Name, ChannelMultiple, KeepsSigns) = (like.Name, like.ChannelMultiple, like.KeepsSigns);
        (Overlaps, SumsConvolutions) = (like.Overlaps, like.SumsConvolutions);
        using var channel = like.OpenInputChannel(1);
        _asynchronous = channel is not null;
        foreach (var (slot, bytes) in like.ScratchSizes)
            _scratch.Add(slot, bytes);
    }

    /// <summary>Bytes that are allocated now; scratch memory that the real device has already is not counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>The most bytes that were allocated at one time.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Bytes of scratch memory among <see cref="Bytes"/>.</summary>
    public long ScratchBytes { get; private set; }

    /// <inheritdoc />
    public override string Name { get; }

    /// <inheritdoc />
    public override bool IsHost => false;

    /// <inheritdoc />
    public override int ChannelMultiple { get; }

    internal override bool KeepsSigns { get; }

    internal override bool SumsConvolutions { get; }

    internal override bool Overlaps { get; }

    /// <inheritdoc />
    public override Tensor Allocate(Shape shape, ElementType type = ElementType.Float32)
    {
        var tensor = new Tensor((nint)(First + _count++ * Spacing), shape, type);
        _allocations.Add(tensor.Address, tensor.Bytes);
        Count(tensor.Bytes);
        return tensor;
    }

    /// <inheritdoc />
    public override void Free(Tensor tensor)
    {
        if (!_allocations.Remove(tensor.Address, out var bytes))
        {
            throw new ArgumentException(
                $"a tensor of shape {tensor.Shape} was freed twice or never allocated here", nameof(tensor));
        }
        Count(-bytes);
    }

    /// <summary>Scratch memory as the device grows it.</summary>
    public nint Scratch(int slot, long bytes)
    {
        var kept = _scratch.GetValueOrDefault(slot);
        if (kept < bytes)
        {
            var grown = _scratch[slot] = Grown(kept, bytes);
            ScratchBytes += grown;
            Count(grown);
        }
        return (nint)(First - (slot + 1L) * Spacing);
    }

    /// <inheritdoc />
    public override void CopyFromHost<T>(ReadOnlySpan<T> source, Tensor destination) { }

    /// <inheritdoc />
    public override void CopyToHost<T>(ReadOnlyTensor source, Span<T> destination) => destination.Clear();

    /// <inheritdoc />
    public override void Copy(ReadOnlyTensor source, Tensor destination) { }

    /// <inheritdoc />
    public override void Clear(Tensor destination) { }

    /// <inheritdoc />
    public override void Synchronize() { }

    /// <inheritdoc />
    public override InputChannel? OpenInputChannel(long bytes, long answer = 0) =>
        _asynchronous ? new NoChannel() : null;

    /// <inheritdoc />
    protected override void Dispose(bool disposing) { }

    private void Count(long bytes) => PeakBytes = Math.Max(PeakBytes, Bytes += bytes);

    // Pinned memory is the host's.
    private sealed class NoChannel : InputChannel
    {
        public override void Send<T>(ReadOnlySpan<T> source, Tensor destination) { }

        public override void Begin() { }

        public override void Arrive() { }

        public override void Release() { }

        public override void Ask(ReadOnlyTensor source, int slot) { }

        public override int Answer(int slot) => 0;

        public override void AskAll(ReadOnlyTensor source) { }

        public override ReadOnlySpan<byte> AnswerAll() => [];

        protected override void Dispose(bool disposing) { }
    }
}
