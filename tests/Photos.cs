namespace Flixstock.Tests;

/// <summary>
/// Real photos and their pixels, which are not part of this repository: tests use them where FLIXSTOCK_TEST_DATA (or a
/// folder "shared" beside the checkout) has them, and say why they are skipped elsewhere.
/// </summary>
internal static class Photos
{
    private static string Root => Environment.GetEnvironmentVariable("FLIXSTOCK_TEST_DATA") is { Length: > 0 } given
        ? given
        : Path.Combine(Path.GetDirectoryName(Golden.RepositoryFolder)!, "shared");

    /// <summary>The folder of photos; skips the test where there is none.</summary>
    public static string RequireFolder() => Require("pics");

    /// <summary>A file or folder of the extra data; skips the test where it is not there.</summary>
    public static string Require(string relativePath)
    {
        var path = Path.Combine(Root, relativePath);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Assert.Ignore(
                $"the real photos are not on this machine ({relativePath}); set FLIXSTOCK_TEST_DATA to their folder");
        }
        return path;
    }
}
