using System.Text.RegularExpressions;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// The tests that gpu-checks.sh runs on a GPU: minutes of a lent one are not for the emulator's, which CI has run.
/// </summary>
[NonParallelizable]
public sealed class GpuCategoryTests
{
    private static string Filter => Regex.Match(
        File.ReadAllText(GpuScripts.Bodies), "on_gpu='([^']+)'", RegexOptions.None, TimeSpan.FromSeconds(1))
        .Groups[1].Value;

    // Where there is no GPU each fails as it opens it; none may open an emulated one instead.
    [Test]
    public void TheyOpenTheGpuInEachPrecisionAndNothingOfTheEmulator()
    {
        using var results = new TemporaryFolder();
        var (_, output) = OwnTests.Start(
            [.. OwnTests.Program, "--filter", Filter, "--output", "Detailed", "--results-directory", results.Path],
            ("FLIXSTOCK_TEST_CUDA", "1"), (EmulatedDriver.ForbiddenVariable, "1"), ("CUDA_VISIBLE_DEVICES", ""));
        // Without the colours that CI asks for.
        output = Regex.Replace(output, "\u001b\\[[0-9;]*m", "", RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.That(output, Does.Not.Contain(EmulatedDriver.ForbiddenVariable));
        var names = output.Split('\n').Select(line => line.Trim())
            .Where(line => line.StartsWith("failed ", StringComparison.Ordinal)
                || line.StartsWith("passed ", StringComparison.Ordinal)).ToList();
        Assert.That(names, Has.Count.GreaterThan(800), output);
        Assert.That(names.Where(name => !name.Contains("\"cuda", StringComparison.Ordinal)), Is.Empty);
        foreach (var backend in new[] { "cuda", "cuda-tf32", "cuda-bf16", "cuda-fp16" })
        {
            Assert.That(
                names.Count(name => name.Contains($"LibrariesAgree(\"{backend}\"", StringComparison.Ordinal)),
                Is.GreaterThan(20), backend);
        }
    }

    [Test]
    public void AnEmulatorIsRefusedWhereItIsForbidden()
    {
        Environment.SetEnvironmentVariable(EmulatedDriver.ForbiddenVariable, "1");
        try
        {
            Assert.That(
                () => new EmulatedDriver().Dispose(),
                Throws.InvalidOperationException.With.Message.Contains(EmulatedDriver.ForbiddenVariable));
        }
        finally
        {
            Environment.SetEnvironmentVariable(EmulatedDriver.ForbiddenVariable, null);
        }
    }
}
