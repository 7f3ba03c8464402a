namespace Flixstock.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>A file or folder of the checkout; the test is skipped where the tests run without one.</summary>
    public static string Find(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Flixstock.Native.sln")))
                return Path.Combine([folder.FullName, .. parts]);
        }
        Assert.Ignore("the tests run outside a checkout");
        return "";
    }
}
