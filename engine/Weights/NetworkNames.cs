using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>
/// Tells which names of a state dict are the network's own, published or timm's, and what others put before them:
/// wrappers, a Lightning module's attribute, an average of the weights.
/// </summary>
internal static partial class NetworkNames
{
    private const int Longest = 300;

    // What PyTorch puts between the names of a network's own layers when parts are wrapped.
    private static readonly string[] Wrappers =
    [
        "module.", "_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.",
    ];

    /// <summary>
    /// The text before the network's own name, and that name as published; null for a tensor that does not belong to
    /// the network.
    /// </summary>
    public static (string Prefix, string Name)? Split(string name)
    {
        if (name.Length > Longest)
            return null;
        for (var at = 0; at >= 0; at = Next(name, at))
        {
            if (Array.Exists(Wrappers, wrapper => name.AsSpan(at).StartsWith(wrapper, StringComparison.Ordinal)))
                continue;
            var own = WithoutWrappers(name[at..]);
            if (Pattern().IsMatch(own))
            {
                return (name[..at], own.StartsWith("body.", StringComparison.Ordinal)
                    || own.StartsWith("head.", StringComparison.Ordinal) ? own : "body." + own);
            }
        }
        return null;
    }

    /// <summary>True for the classifier's tensors, which files may lack.</summary>
    public static bool IsHead(string name) => name.StartsWith("head.", StringComparison.Ordinal);

    /// <summary>True for counters, which old files lack.</summary>
    public static bool IsCounter(string name) => name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    /// <summary>True for filters of blurs, which are fixed.</summary>
    public static bool IsFixed(string name) => name.EndsWith(".filt", StringComparison.Ordinal);

    private static int Next(string name, int at) => name.IndexOf('.', at) is var dot and >= 0 ? dot + 1 : -1;

    private static string WithoutWrappers(string name)
    {
        foreach (var wrapper in Wrappers)
        {
            if (name.Contains('.' + wrapper, StringComparison.Ordinal))
                name = name.Replace('.' + wrapper, ".", StringComparison.Ordinal);
        }
        return name;
    }

    [GeneratedRegex(
        @"^((body\.)?(conv1|layer[1-4]\.\d{1,3}\.(conv[1-3]|downsample\.\d))(\.[01])?\.([01]|conv|bn|aa)\.\w+"
        + @"|(body\.)?layer[1-4]\.\d{1,3}\.se\.\w+\.\w+|head\.(fc|decoder)\.[\w.]+)$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
