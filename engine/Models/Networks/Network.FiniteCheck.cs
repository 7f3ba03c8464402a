namespace Flixstock.Engine;

public abstract partial class Network
{
    /// <summary>
    /// Runs the forward pass again and names the first layer whose output has an infinity or a NaN; null if none has.
    /// </summary>
    /// <remarks>
    /// For the message after a failed step: slow, waits for the device after each layer. Running statistics are left as
    /// they were.
    /// </remarks>
    /// <param name="pass">Same as for <see cref="Forward"/>; its arena is reset.</param>
    /// <param name="input">The failed step's input.</param>
    public string? FirstNonFiniteLayer(Pass pass, Tensor input)
    {
        string? first = null;
        var (values, tracked) = (Backend.Device.ToHost<float>(Buffer.Values), BatchesTracked);
        void Look(Layer layer, Tensor output)
        {
            if (first is null && !IsFinite(output))
                first = layer.Name;
        }
        pass.Arena.Reset();
        Forward(pass with { Observer = Look, Ranges = null }, input); // a stop must not hide what was found
        pass.Arena.Reset();
        Backend.Device.CopyFromHost<float>(values, Buffer.Values);
        RestoreBatchesTracked(tracked);
        return first;
    }

    private bool IsFinite(Tensor output) => output.Type switch
    {
        ElementType.Float16 => Array.TrueForAll(Backend.Device.ToHost<Half>(output), Half.IsFinite),
        // an exponent of all ones
        ElementType.BFloat16 =>
            Array.TrueForAll(Backend.Device.ToHost<ushort>(output), bits => (bits & 0x7F80) != 0x7F80),
        _ => Array.TrueForAll(Backend.Device.ToHost<float>(output), float.IsFinite),
    };

    /// <summary>Counts one training forward pass more: when a captured step is replayed, which runs no layer.</summary>
    internal void CountBatch()
    {
        foreach (var normalization in _normalizations)
        {
            if (!BodyIsFrozen || !_bodyNormalizations.Contains(normalization))
                normalization.BatchesTracked++;
        }
    }

    /// <summary>Sets the counts of training forward passes, in the order of <see cref="BatchesTracked"/>.</summary>
    public void RestoreBatchesTracked(IReadOnlyList<long> counts)
    {
        for (var i = 0; i < _normalizations.Length; i++)
            _normalizations[i].BatchesTracked = counts[i];
    }
}
