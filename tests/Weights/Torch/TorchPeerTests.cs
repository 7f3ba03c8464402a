using Flixstock.Engine;
using Flixstock.Tests.Models;

namespace Flixstock.Tests.Weights;

/// <summary>What PyTorch itself says to files we write; skipped where there is no Python with torch.</summary>
[TestFixture]
public sealed class TorchPeerTests
{
    [Test]
    public void PyTorchLoadsOurFileAsWeightsOnlyAndSavesItBackBitForBit()
    {
        TorchPython.Require();
        using var folder = new TemporaryFolder();
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, TinyNetworkGoldenTests.Options());
        network.Initialize(1);
        var state = network.ToStateDict();
        TorchFile.Write(folder["ours.pth"], state, 21, new Dictionary<int, string> { [0] = "/m/é" });
        TorchPython.Run("-c", $"import torch; d = torch.load(r'{folder["ours.pth"]}', weights_only=True); "
            + $"torch.save(d, r'{folder["theirs.pth"]}'); torch.save(d, r'{folder["legacy.pth"]}', "
            + $"_use_new_zipfile_serialization=False)");
        foreach (var name in new[] { "theirs.pth", "legacy.pth" })
        {
            var back = WeightsFile.Read(folder[name]);
            Assert.That((back.Classes, back.ClassNames![0]), Is.EqualTo((21, "/m/é")));
            Assert.That(
                back.State.Select(tensor => $"{tensor.Name} {tensor.Type} {tensor.ShapeText}"),
                Is.EqualTo(state.Select(tensor => $"{tensor.Name} {tensor.Type} {tensor.ShapeText}")));
            foreach (var tensor in state)
                Assert.That(back.State[tensor.Name].Data.ToArray(), Same.As(tensor.Data.ToArray()), tensor.Name);
        }
    }
}
