using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The rule of the house: an operation is one folder that holds its signatures and every device's kernels.</summary>
public sealed class OperationFoldersTests
{
    private static readonly string[] Required = ["IKernels", "ReferenceKernels", "CpuKernels", "CudaKernels"];

    private static IEnumerable<string> Folders() =>
        Directory.GetDirectories(Path.Combine(Golden.RepositoryFolder, "engine", "Operations")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Folders))]
    public void EveryOperationHasItsPartsInItsFolder(string operation)
    {
        var folder = Path.Combine(Golden.RepositoryFolder, "engine", "Operations", operation);
        foreach (var part in Required)
            Assert.That(Directory.GetFiles(folder, $"{part}.*.cs"), Is.Not.Empty, $"{operation} has no {part}.*.cs");
    }

    [Test]
    public void EveryCudaFileIsNamedAfterItsOperation()
    {
        var files = Directory.GetFiles(Path.Combine(Golden.RepositoryFolder, "kernels"), "*.cu").Select(path => Path.GetFileNameWithoutExtension(path));
        // inplace_abn is InplaceAbn.
        Assert.That(files, Is.EquivalentTo(Folders().Select(folder => string.Concat(folder.Select((letter, i) => (i > 0 && char.IsUpper(letter) ? "_" : "") + char.ToLowerInvariant(letter))))));
    }

    [Test]
    public void TheTableHasAtMostAboutFortyEntries() => Assert.That(typeof(IKernels).GetMethods(), Has.Length.InRange(30, 45));
}
