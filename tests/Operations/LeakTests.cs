namespace Flixstock.Tests.Operations;

/// <summary>
/// No operation leans on the inside of another one: its folder can be deleted, and what breaks names its public
/// entries.
/// </summary>
public sealed class LeakTests
{
    private const string Owner = """
        namespace Flixstock.Engine;

        public sealed partial class CpuKernels
        {
            private const int First = 1, Second = 2;
            private readonly Dictionary<string, int> _kept = [];
            private Tensor _one, _two;

            public void Entry(ReadOnlyTensor input) => Helper(input);

            private static (double Term, double Slope) Helper(ReadOnlyTensor input) => (First, Second);

            private void Typed<L>(int count) where L : struct
            {
            }

            internal bool IsOpen => _kept.Count > 0;

            private readonly struct Work(float* x) : IChunkedWork
            {
            }
        }
        """;

    [Test]
    public void NoOperationUsesHiddenMembersOfAnother()
    {
        var root = Path.Combine(Golden.RepositoryFolder, "engine", "Operations");
        var shared = SourceFile.Below(Path.Combine(root, "..", "Kernels"));
        var files = SourceFile.Below(root).Concat(shared).ToList();
        Assert.That(files, Has.Count.GreaterThan(80));
        Assert.That(
            FolderLeaks.Find(files), Is.Empty,
            "move what several operations share to CpuKernels.Shared.cs, CudaKernels.Shared.cs or ReferenceKernels.cs");
    }

    [TestCase("First")]
    [TestCase("Second")]
    [TestCase("_kept")]
    [TestCase("_one")]
    [TestCase("_two")]
    [TestCase("Helper")]
    [TestCase("Typed")]
    [TestCase("IsOpen")]
    [TestCase("Work")]
    public void APlantedUseIsFound(string member)
    {
        var uses = Part($"Call({member});");
        Assert.That(
            FolderLeaks.Find([Of("A", Owner), Of("B", uses)]),
            Is.EqualTo(new[] { $"CpuKernels.B.cs uses {member} of A/CpuKernels.A.cs" }));
        // The shared parts may not need an operation either.
        Assert.That(FolderLeaks.Find([Of("A", Owner), Of("", uses)]), Has.Count.EqualTo(1));
        Assert.That(FolderLeaks.Find([Of("A", Owner), Of("A", uses)]), Is.Empty);
        Assert.That(FolderLeaks.Find([Of("", Owner), Of("B", uses)]), Is.Empty);
    }

    [TestCase("""Fail($"not {Helper(input)}");""")]
    [TestCase("this.Helper(input);")]
    public void HoweverItIsWritten(string statement) =>
        Assert.That(FolderLeaks.Find([Of("A", Owner), Of("B", Part(statement))]), Has.Count.EqualTo(1));

    [TestCase("Entry(input);")]
    [TestCase("Call(1); // Helper")]
    [TestCase("""Call("Helper");""")]
    [TestCase("Helpers(input);")]
    public void WhatIsPublicOrOnlyMentionedIsNoLeak(string statement) =>
        Assert.That(FolderLeaks.Find([Of("A", Owner), Of("B", Part(statement))]), Is.Empty);

    [Test]
    public void ANameOfItsOwnIsNoLeak()
    {
        var user = Part("Helper();");
        var own = user.Replace("}\n", "}\n\n    private static void Helper() => Call(1);\n", StringComparison.Ordinal);
        Assert.That(FolderLeaks.Find([Of("A", Owner), Of("B", own)]), Is.Empty);
        var other = user.Replace("CpuKernels", "CudaKernels", StringComparison.Ordinal);
        Assert.That(FolderLeaks.Find([Of("A", Owner), Of("B", other)]), Is.Empty);
    }

    [Test]
    public void AnInternalTypeIsHiddenFromEveryFolder()
    {
        var rule = new SourceFile("A", "Rule.cs", "internal readonly record struct Rule(int Count);\n");
        var user = new SourceFile(
            "B", "Layer.cs", "public sealed class Layer\n{\n    public int Count => new Rule(1).Count;\n}\n");
        Assert.That(FolderLeaks.Find([rule, user]), Is.EqualTo(new[] { "Layer.cs uses Rule of A/Rule.cs" }));
    }

    [Test]
    public void ATableWithPartsInSeveralFoldersBelongsToNone()
    {
        var parts = new[] { Of("A", Owner), Of("B", Part("new CpuKernels().Entry(input);")) }
            .Select(file => file with
            {
                Text = file.Text.Replace("public sealed", "internal sealed", StringComparison.Ordinal),
            });
        Assert.That(FolderLeaks.Find(parts), Is.Empty);
    }

    private static SourceFile Of(string folder, string text) => new(folder, $"CpuKernels.{folder}.cs", text);

    private static string Part(string statement) => $$"""
        namespace Flixstock.Engine;

        public sealed partial class CpuKernels
        {
            public void Other(ReadOnlyTensor input)
            {
                {{statement}}
            }
        }
        """;
}
