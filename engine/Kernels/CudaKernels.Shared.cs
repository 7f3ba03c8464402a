namespace Flixstock.Engine;

// What the launchers of several operations share.
internal sealed partial class CudaKernels
{
    // As in selection.cuh.
    private const int SelectionDigits = 256;
    private const int SelectionBytes = 8 + 4 + 4 + SelectionDigits * sizeof(uint);
    private const int RankBits = 64, DigitBits = 8;

    // 64 values a thread and pass in one block take about as long as the 17 launches they replace.
    private const int OneBlockSelection = 64 * SelectionDigits;

    private const int ProductTile = 16; // as in tile_product.cuh

    private static readonly LaunchShape SelectionBlock = LaunchShape.Linear(1, SelectionDigits);

    // A kernel itself cannot refuse a number that is no function.
    private static int Number(ActivationKind activation)
    {
        UnknownActivation.Refuse(activation);
        return (int)activation;
    }

    private static int PacksPerPicture(ReadOnlyTensor tensor, bool fast) =>
        Packs(tensor.Count / tensor.Shape.Batch, fast, "a picture");

    // Blocks of tile_product.cuh: one for 16 x 16 elements, of as many products as the grid takes at once.
    private static LaunchShape ProductShape(int rows, int columns, int products) => new(
        (uint)Divide(columns, ProductTile), (uint)Divide(rows, ProductTile), (uint)Math.Min(products, MostGridRows),
        ProductTile, ProductTile);

    // The sum of the blocks' parts of a loss, in a fixed order.
    private void FinishLoss(KernelEntries entries, nint parts, int count, Tensor loss)
    {
        Launch(entries, LaunchShape.Linear(1, SweepThreads), parts, count, loss);
    }

    // The passes of a selection that was begun: afterwards the state has the lowest rank that is among the highest.
    private void SelectByPasses(
        SelectionPasses passes, ReadOnlyTensor logits, ReadOnlyTensor labels, int count, nint state)
    {
        for (var shift = RankBits - DigitBits; shift >= 0; shift -= DigitBits)
        {
            Launch(passes.Count, SweepShape(count, 1), logits, labels, count, shift, state);
            Launch(passes.Pick, SelectionBlock, shift, state);
        }
    }

    // Any kernel that halves pictures: a thread has channels of an output pixel.
    private void Halve(KernelEntries entries, ReadOnlyTensor input, Tensor output)
    {
        var fast = IsFast(input.Shape.Channels, input.Address, output.Address);
        Launch(
            entries, input.Type, fast, PixelShape(output.Shape, fast),
            input, output, input.Shape.Batch, input.Shape.Height, input.Shape.Width, input.Shape.Channels);
    }

    // Its backward pass: a thread has channels of an input pixel.
    private void HalveBackward(
        KernelEntries entries, ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var fast = IsFast(inputGradient.Shape.Channels, outputGradient.Address, inputGradient.Address);
        Launch(
            entries, inputGradient.Type, fast, PixelShape(inputGradient.Shape, fast),
            outputGradient, accumulate, inputGradient, inputGradient.Shape.Batch, inputGradient.Shape.Height,
            inputGradient.Shape.Width, inputGradient.Shape.Channels);
    }

    private LaunchShape PixelShape(Shape written, bool fast) =>
        RowShape((long)written.Width * Groups(written.Channels, fast), (long)written.Batch * written.Height);

    // An operation's entries for the two kernels of a pass.
    private sealed class SelectionPasses(string file, string prefix)
    {
        public KernelEntries Count { get; } = new(file, prefix + "_count");

        public KernelEntries Pick { get; } = new(file, prefix + "_pick");
    }
}
