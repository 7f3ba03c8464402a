namespace Flixstock.Tests.Devices;

/// <summary>A copy of the kernels' folder with one text replaced in its first place.</summary>
internal sealed class EditedKernels : IDisposable
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

    public string Path { get; } = Directory.CreateTempSubdirectory("flixstock-faults-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
