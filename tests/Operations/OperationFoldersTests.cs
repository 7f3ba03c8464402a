using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The rule of the house: an operation is one folder that holds its signatures and every device's kernels.</summary>
public sealed class OperationFoldersTests
{
    private static readonly string[] Required = ["IKernels", "ReferenceKernels", "CpuKernels"];

    // Folders without CPU kernels yet.
    private static readonly string[] Pending = [];

    private static IEnumerable<string> Folders() =>
        Directory.GetDirectories(Path.Combine(Golden.RepositoryFolder, "engine", "Operations")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Folders))]
    public void EveryOperationHasItsPartsInItsFolder(string operation)
    {
        var folder = Path.Combine(Golden.RepositoryFolder, "engine", "Operations", operation);
        foreach (var part in Required.Where(part => part != "CpuKernels" || !Pending.Contains(operation)))
            Assert.That(Directory.GetFiles(folder, $"{part}.*.cs"), Is.Not.Empty, $"{operation} has no {part}.*.cs");
    }

    [Test]
    public void TheTableHasAtMostAboutFortyEntries() => Assert.That(typeof(IKernels).GetMethods(), Has.Length.InRange(30, 45));
}
