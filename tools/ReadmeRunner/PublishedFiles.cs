using Flixstock.Engine;

namespace Flixstock.ReadmeRunner;

/// <summary>
/// Files with the structure of published weights and random values, for command lines that name such a file.
/// </summary>
internal static class PublishedFiles
{
    /// <summary>Writes a PyTorch file of a network.</summary>
    /// <param name="path">Ends in .pth.</param>
    /// <param name="classes">
    /// Outputs; with more than a thousand the head has a bottleneck, as OpenImages' networks.
    /// </param>
    public static void Write(string path, int classes)
    {
        using var backend = Backend.Cpu(0);
        using var network = new TResNet(
            backend,
            TResNetOptions.Variant("tresnet_m", classes) with { BottleneckHead = classes > 1000 ? 512 : null });
        network.Initialize(1);
        TorchFile.Write(path, network.ToStateDict(), classes, null);
    }

    /// <summary>Writes names of classes as OpenImages publishes them.</summary>
    public static void WriteDescriptions(string path, int classes) =>
        File.WriteAllLines(
            path, Enumerable.Range(0, classes).Select(k => $"/m/{k:x5},Class {k}").Prepend("LabelName,DisplayName"));
}
