using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>
/// NVRTC for a test. Where it is not installed the test is skipped and says why, unless FLIXSTOCK_REQUIRE_NVRTC=1: then
/// it fails, so that a gate cannot pass without having compiled anything.
/// </summary>
internal static class NvrtcRequired
{
    public static KernelCompiler Open()
    {
        if (KernelCompiler.WhyUnavailable is not { } reason)
            return KernelCompiler.Open();
        if (Environment.GetEnvironmentVariable("FLIXSTOCK_REQUIRE_NVRTC") == "1")
            Assert.Fail(reason);
        Assert.Ignore(reason);
        return null!;
    }
}
