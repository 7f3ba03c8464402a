using System.Text.RegularExpressions;
using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>
/// The rule of the house: an operation is one folder that holds its signatures and every device's kernels.
/// </summary>
public sealed partial class OperationFoldersTests
{
    private static readonly string[] Required = ["IKernels", "ReferenceKernels", "CpuKernels", "CudaKernels"];

    private static string Root => Path.Combine(Golden.RepositoryFolder, "engine", "Operations");

    private static IEnumerable<string> Folders() =>
        Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Folders))]
    public void EveryOperationHasItsPartsInItsFolder(string operation)
    {
        foreach (var part in Required)
        {
            Assert.That(
                Directory.GetFiles(Path.Combine(Root, operation), $"{part}.*.cs"), Is.Not.Empty,
                $"{operation} has no {part}.*.cs");
        }
    }

    [TestCaseSource(nameof(Folders))]
    public void ItsCudaFilesAreNamedAfterIt(string operation)
    {
        // Abn's are inplace_abn, residual_abn and statistics_abn.
        var name = UpperCase().Replace(operation, "_$0").TrimStart('_').ToLowerInvariant();
        var files = CudaFiles(operation).ToList();
        Assert.That(files, Is.Not.Empty);
        Assert.That(
            files.Where(file => file != name && !file.EndsWith("_" + name, StringComparison.Ordinal)), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Layers() =>
        from layer in typeof(Layer).Assembly.GetTypes()
        where layer.IsSubclassOf(typeof(Layer)) && !layer.IsAbstract
        from folder in Folders()
        where File.Exists(Path.Combine(Root, folder, layer.Name + ".cs"))
        select new TestCaseData(folder, layer.Name);

    [TestCaseSource(nameof(Layers))]
    public void ItsLayersGradientsAreChecked(string operation, string layer)
    {
        var folder = Path.Combine(Golden.RepositoryFolder, "tests", "Operations", operation);
        var tests = Directory.Exists(folder) ? Directory.GetFiles(folder, "*GradientTests.cs") : [];
        Assert.That(
            string.Concat(tests.Select(File.ReadAllText)),
            Does.Contain($"new {layer}("),
            $"tests/Operations/{operation} has no *GradientTests.cs that makes a {layer}");
    }

    [Test]
    public void EveryCudaFileIsLaunchedFromOneFolder() => Assert.That(
        Folders().SelectMany(CudaFiles),
        Is.EquivalentTo(Directory.GetFiles(Path.Combine(Golden.RepositoryFolder, "kernels"), "*.cu")
            .Select(path => Path.GetFileNameWithoutExtension(path))));

    private static IEnumerable<string> CudaFiles(string operation) =>
        Directory.GetFiles(Path.Combine(Root, operation), "CudaKernels.*.cs")
            .SelectMany(path => Entries().Matches(File.ReadAllText(path)))
            .Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal);

    [GeneratedRegex("[A-Z]")]
    private static partial Regex UpperCase();

    // new("elementwise", "fill"): the file in kernels/ and the kernel in it.
    [GeneratedRegex("""KernelEntries _\w+ = new\("(\w+)", """)]
    private static partial Regex Entries();
}
