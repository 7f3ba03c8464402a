namespace Flixstock.Engine;

/// <summary>
/// Published losses for labels of which most are unknown. What is not said of a known negative is binary cross entropy;
/// p = sigmoid(x).
/// </summary>
public enum PartialLossKind
{
    /// <summary>
    /// Hill (Zhang et al. 2021): positives -(1 - p')^gamma log p' with p' = sigmoid(x - margin), unknown labels
    /// (lambda - p) p^2, whose slope falls again where p is high.
    /// </summary>
    Hill,
    /// <summary>
    /// SPLC (Zhang et al. 2021): positives as in <see cref="Hill"/>, negatives and unknown labels -p^gamma log(1 - p);
    /// from the first epoch of correction on, unknown labels above the threshold are positives without a margin.
    /// </summary>
    Splc,
    /// <summary>
    /// EM, entropy maximization (Zhou et al. 2022): positives -log p, unknown labels -alpha times their entropy.
    /// </summary>
    Em,
    /// <summary>
    /// GR, generalized robust loss (Chen et al. 2024): positives -log p, unknown labels
    /// v [k (1 - p^q2) / q2 + (1 - k) (1 - (1 - p)^q3) / q3], where k = sigmoid(w p + b) says how likely they are
    /// positive and v = exp(-(p - mu)^2 / (2 sigma^2)) how much they are trusted.
    /// </summary>
    Gr,
    /// <summary>
    /// WAN, weak assumed negatives (Cole et al. 2021): unknown labels are negatives with the weight 1 / (classes - 1).
    /// </summary>
    Wan,
    /// <summary>
    /// LL-R (Kim et al. 2022): unknown labels are negatives, but those with the largest losses of the batch are left
    /// out; from the second epoch on, and more of them in each.
    /// </summary>
    LargeLossR,
    /// <summary>LL-Ct (Kim et al. 2022): as <see cref="LargeLossR"/>, but they count as positives.</summary>
    LargeLossCt,
    /// <summary>
    /// LL-Cp (Kim et al. 2022): as <see cref="LargeLossCt"/>, the same number of them in each epoch; a training keeps
    /// them as positives.
    /// </summary>
    LargeLossCp,
    /// <summary>
    /// EM with APL, asymmetric pseudo-labels (Zhou et al. 2022): as <see cref="Em"/>; a target s between 0 and 1, which
    /// a training gives the unknown labels that score lowest, is beta (-s log p - (1 - s) log(1 - p)).
    /// </summary>
    EmApl,
}

/// <summary>A constant that changes from one epoch to the next by equal steps.</summary>
/// <param name="First">At the beginning.</param>
/// <param name="Last">At the end.</param>
public readonly record struct EpochRange(float First, float Last)
{
    /// <summary>The value at a share of the epochs.</summary>
    internal double At(double share) => First + (((double)Last - First) * share);
}

/// <summary>One of the published losses and its constants, of which it uses its own; the rest have no effect.</summary>
/// <param name="Kind">The loss.</param>
public sealed record PartialLossOptions(PartialLossKind Kind)
{
    /// <summary>Hill: where the term of unknown labels ends to be a penalty.</summary>
    public float Lambda { get; init; } = 1.5f;

    /// <summary>Hill, SPLC: subtracted from the logits of positives.</summary>
    public float Margin { get; init; } = 1;

    /// <summary>Hill, SPLC: focusing exponent.</summary>
    public float Gamma { get; init; } = 2;

    /// <summary>SPLC: the probability above which an unknown label counts as a positive.</summary>
    public float Threshold { get; init; } = 0.6f;

    /// <summary>SPLC: the first epoch, from 1, in which it does.</summary>
    public int FirstEpoch { get; init; } = 2;

    /// <summary>EM: weight of unknown labels.</summary>
    public float Alpha { get; init; } = 0.1f;

    /// <summary>EM with APL: weight of pseudo-labels.</summary>
    public float Beta { get; init; } = 0.9f;

    /// <summary>EM with APL: after this many epochs the first pseudo-labels are given.</summary>
    public int Warmup { get; init; } = 5;

    /// <summary>GR: exponent of unknown labels that may be positives.</summary>
    public float Q2 { get; init; } = 0.01f;

    /// <summary>GR: exponent of unknown labels that may be negatives.</summary>
    public float Q3 { get; init; } = 1;

    /// <summary>GR: w, from the first epoch on.</summary>
    public EpochRange Slope { get; init; } = new(0, 2);

    /// <summary>GR: b, from the first epoch on.</summary>
    public EpochRange Offset { get; init; } = new(-2, -2);

    /// <summary>GR: mu, up to the last epoch.</summary>
    public EpochRange Mean { get; init; } = new(0.5f, 0.8f);

    /// <summary>GR: sigma, up to the last epoch.</summary>
    public EpochRange Deviation { get; init; } = new(2, 0.5f);

    /// <summary>
    /// Large losses: percent of a batch's labels that are added in each epoch after the first; Cp: percent in each.
    /// </summary>
    public float Rate { get; init; } = 0.2f;

    /// <summary>GR: epochs of the schedule.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>True if it depends on the epoch.</summary>
    internal bool ReadsPosition => Kind is PartialLossKind.Splc or PartialLossKind.Gr || RanksLosses;

    /// <summary>True if the batch's largest losses are chosen.</summary>
    internal bool RanksLosses => Kind is PartialLossKind.LargeLossR || CorrectsLosses;

    /// <summary>True if they count as positives.</summary>
    internal bool CorrectsLosses => Kind is PartialLossKind.LargeLossCt or PartialLossKind.LargeLossCp;

    /// <summary>Type of the labels.</summary>
    internal ElementType LabelType => Kind == PartialLossKind.EmApl ? ElementType.Float32 : ElementType.Int8;

    /// <summary>Large losses: after how many epochs their number rises no more.</summary>
    internal int MostRises => Kind == PartialLossKind.LargeLossCp ? 1 : int.MaxValue;

    /// <summary>SPLC: the logit above which an unknown label counts as a positive.</summary>
    internal float Cut => (float)Math.Log(Threshold / (1.0 - Threshold));

    /// <summary>Large losses: <see cref="Rate"/> as a count, so that every device counts the same.</summary>
    internal int PerBillion => (int)Math.Round(Rate * 1e7);

    /// <summary>Large losses: how many of a batch's labels.</summary>
    /// <param name="labels">Labels of the batch.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    internal long LargeLosses(long labels, int epoch)
    {
        const long whole = 1_000_000_000;
        var share = Math.Min(Math.Min(epoch - 1, MostRises) * (long)PerBillion, whole);
        return ((labels * share) + whole - 1) / whole;
    }

    /// <summary>WAN: weight of unknown labels.</summary>
    internal static float WeakWeight(int classes) => 1f / Math.Max(classes - 1, 1);
}

public partial interface IKernels
{
    /// <summary>
    /// A published loss for unknown labels and its gradient by the logits: the sum of a term for each label. What the
    /// published programs keep out of the gradient is kept out: GR's k and v, and which labels SPLC and the large
    /// losses change. Large losses are ranked over the whole batch, ties by lower flat index.
    /// </summary>
    /// <param name="logits">[N, K]</param>
    /// <param name="labels">
    /// [N, K] Int8: 1, 0, -1 unknown; of <see cref="PartialLossKind.EmApl"/> Float32, where pseudo-labels lie between 0
    /// and 1.
    /// </param>
    /// <param name="position">
    /// [2] Int32, epoch and step, from 1; <see cref="ReadOnlyTensor.None"/> for a loss that does not change.
    /// </param>
    /// <param name="options">The loss and its constants.</param>
    /// <param name="loss">[1], the sum over batch and classes.</param>
    /// <param name="gradient">[N, K]</param>
    void PartialLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor position, PartialLossOptions options, Tensor loss,
        Tensor gradient);
}
