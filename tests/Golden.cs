using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>
/// Numbers of the reference implementation, in tests/golden; what they mean stands in its README. They are those of the
/// checkout that the tests were built in or run from, or of the folder that FLIXSTOCK_GOLDEN names. Elsewhere whoever
/// asks for them is skipped.
/// </summary>
internal static class Golden
{
    /// <summary>Another folder than the checkout's tests/golden.</summary>
    public const string Variable = "FLIXSTOCK_GOLDEN";

    private static readonly ConcurrentDictionary<string, StateDict> Kept = new(StringComparer.Ordinal);

    /// <summary>Why tests without golden files are skipped; null where the files are here.</summary>
    public static string? Missing { get; } = Folder() is null
        ? $"there are no golden files here: run the tests in a checkout, or set {Variable} to its tests/golden"
        : null;

    private static string SourceFolder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    /// <summary>
    /// The folder of this source file, found again when the tests run from another place than they were built.
    /// </summary>
    public static string TestsFolder
    {
        get
        {
            if (Search() is { } folder)
                return folder;
            Assert.Ignore("the sources are not here: run this test in a checkout");
            return "";
        }
    }

    /// <summary>
    /// Skips the test where there are no golden files; for one that asks for them within an assertion.
    /// </summary>
    public static void Require()
    {
        if (Missing is not null)
            Assert.Ignore(Missing);
    }

    /// <summary>A golden file; where there are none the test is skipped.</summary>
    public static string PathOf(string file)
    {
        Require();
        return Path.Combine(Folder()!, file);
    }

    public static StateDict Tensors(string file) => SafetensorsFile.Read(PathOf(file));

    /// <summary>As <see cref="Tensors"/>, read once: for the many cases of a file.</summary>
    public static StateDict KeptTensors(string file) => Kept.GetOrAdd(PathOf(file), SafetensorsFile.Read);

    /// <summary>
    /// Cases that are read from golden files. Where there are none: for each of <paramref name="skipped"/>, which are
    /// as many as the test has parameters, one that is skipped and says why, since a source itself cannot skip.
    /// </summary>
    public static IEnumerable<TestCaseData> Cases(
        Func<IEnumerable<TestCaseData>> read, params IEnumerable<object?[]> skipped) =>
        Missing is null ? read() : skipped.Select(arguments => new TestCaseData(arguments).Ignore(Missing));

    /// <summary>Cases of one name each.</summary>
    public static IEnumerable<TestCaseData> Cases(Func<IEnumerable<string>> read) =>
        Cases(() => read().Select(name => new TestCaseData(name)), new object?[] { "" });

    public static JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllBytes(PathOf(file))).RootElement;

    public static string RepositoryFolder => Path.GetDirectoryName(TestsFolder)!;

    private static string? Folder()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } given)
            return Search() is { } tests ? Path.Combine(tests, "golden") : null;
        return Directory.Exists(given)
            ? given
            : throw new DirectoryNotFoundException($"{Variable}={given}: there is no such folder");
    }

    private static string? Search()
    {
        if (Directory.Exists(Path.Combine(SourceFolder(), "golden")))
            return SourceFolder();
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(Path.Combine(folder, "tests", "golden")))
                return Path.Combine(folder, "tests");
        }
        return null;
    }
}
