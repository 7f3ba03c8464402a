using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// Refuses a network that no machine of this size can hold, before anything of it is allocated: a system that promises
/// memory it lacks ends the process later.
/// </summary>
internal static class NetworkMemory
{
    private const int AlignmentInElements = 64; // of each parameter in the buffer

    /// <summary>Counts the weights and their gradients.</summary>
    /// <param name="network">The network to count.</param>
    /// <param name="device">The device that is to hold it.</param>
    /// <param name="parameters">All parameters of the network.</param>
    /// <exception cref="InputException">Says how much memory it would need, and how much there is.</exception>
    public static void Require(INetworkDescription network, Device device, IReadOnlyList<Parameter> parameters)
    {
        var values = parameters.Sum(parameter => (double)parameter.Shape.Count);
        var bytes = values * 2 * sizeof(float);
        if (values > int.MaxValue - (AlignmentInElements * parameters.Count))
            throw Refusal(network, values, bytes, "more than this program can hold");
        if (device.IsHost && bytes > HostBytes)
            throw Refusal(network, values, bytes, $"and this machine has {HostBytes >> 20} MiB");
    }

    /// <summary>Bytes that the machine, or the container, lets this process have.</summary>
    public static long HostBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static InputException Refusal(INetworkDescription network, double values, double bytes, string limit) =>
        new(string.Create(
            CultureInfo.InvariantCulture,
            $"{network.Summary}: the network has {values:n0} weights, which need {bytes / (1 << 20):n0} MiB with their "
                + $"gradients, {limit}; give fewer layers, a smaller width or fewer classes"));
}
