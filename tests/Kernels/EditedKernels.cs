using System.Text.RegularExpressions;

namespace Flixstock.Tests.Devices;

/// <summary>A copy of the kernels' folder with one text replaced in its first place.</summary>
internal sealed partial class EditedKernels : IDisposable
{
    public EditedKernels(string file, string text, string replacement)
    {
        foreach (var source in Directory.GetFiles(System.IO.Path.Combine(Golden.RepositoryFolder, "kernels"), "*.cu*"))
            File.Copy(source, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(source)));
        var edited = System.IO.Path.Combine(Path, file);
        var content = File.ReadAllText(edited).ReplaceLineEndings("\n");
        var at = content.IndexOf(text, StringComparison.Ordinal);
        Assert.That(at, Is.Not.Negative, $"{file} no longer says '{text}': plant another fault");
        File.WriteAllText(edited, content[..at] + replacement + content[(at + text.Length)..]);
    }

    /// <summary>
    /// Kernels of singles alone, which the compiler makes in a third of the time: a fault in a template is in all.
    /// </summary>
    public EditedKernels OfSingles()
    {
        var header = System.IO.Path.Combine(Path, "common.cuh");
        var content = File.ReadAllText(header);
        var singles = HalfEntries().Replace(content, "");
        Assert.That(singles, Is.Not.EqualTo(content), "common.cuh no longer lists its types so");
        File.WriteAllText(header, singles);
        return this;
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("flixstock-faults-").FullName;

    // In the lists that begin with singles.
    [GeneratedRegex(
        @"(?<=M\(_f32\w*, float, \d\)) M\(_f16\w*, half_t, \d\) M\(_bf16\w*, bfloat_t, \d\)", RegexOptions.None,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex HalfEntries();

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
