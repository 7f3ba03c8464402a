using System.Runtime.CompilerServices;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>Numbers of the reference implementation, in tests/golden; what they mean stands in its README.</summary>
internal static class Golden
{
    private static string SourceFolder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    /// <summary>
    /// The folder of this source file, found again when the tests run from another place than they were built.
    /// </summary>
    public static string TestsFolder => Directory.Exists(SourceFolder()) ? SourceFolder() : Search();

    public static string PathOf(string file) => Path.Combine(TestsFolder, "golden", file);

    public static StateDict Tensors(string file) => SafetensorsFile.Read(PathOf(file));

    public static JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllBytes(PathOf(file))).RootElement;

    public static string RepositoryFolder => Path.GetDirectoryName(TestsFolder)!;

    private static string Search()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(Path.Combine(folder, "tests", "golden")))
                return Path.Combine(folder, "tests");
        }
        throw new DirectoryNotFoundException("tests/golden was not found above " + AppContext.BaseDirectory);
    }
}
