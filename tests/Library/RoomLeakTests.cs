namespace Flixstock.Tests.Library;

/// <summary>The finder of <see cref="RoomsTests"/> finds what is planted, and nothing else.</summary>
public sealed class RoomLeakTests
{
    private const string Below = "public sealed class Loss\n{\n    public const int Most = 1;\n}\n";

    [TestCase("private readonly Loss _kept = Open();")]
    [TestCase("private Loss? _kept;")]
    [TestCase("private readonly List<Loss> _kept = [];")]
    [TestCase("private Loss[] _kept = [];")]
    [TestCase("public void Take(Loss one) => Call(one);")]
    [TestCase("public int Count => Loss.Most;")]
    [TestCase("public string Name => nameof(Loss);")]
    [TestCase("public object Made => new Loss();")]
    [TestCase("public bool Is(object one) => one is Loss;")]
    [TestCase("public object Cast(object one) => (Loss)one;")]
    [TestCase("public object Full => Flixstock.Engine.Loss.Most;")]
    [TestCase("public int[] Some => [1, ..Loss.All];")]
    [TestCase("""public string Text => $"at most {(Wide ? "wide" : $"{Loss.Most}")} of them";""")]
    [TestCase("public Loss Loss { get; }")]
    [TestCase("public Loss? Loss { get; init; }")]
    [TestCase("public List<Loss> Loss { get; } = [];")]
    [TestCase("public object Loss => new Loss();")]
    public void APlantedUseIsFound(string member) => Assert.That(
        Found(Of(member)),
        Is.EqualTo(new[] { "engine/Top/A.cs names Loss of engine/Deep/Inner/Loss.cs, a room below" }));

    [TestCase("public float Loss { get; init; }")]
    [TestCase("public float Loss => 1;")]
    [TestCase("public static float Loss(float x) => x;")]
    [TestCase("private const int Size = 1, Loss = 2;")]
    [TestCase("public object Made => new Step(1) { Loss = 2 };")]
    [TestCase("public object Made => one with { Loss = 2 };")]
    [TestCase("public bool Is => this is { Loss: > 2 };")]
    [TestCase("public float Of(Step step) => step.Loss;")]
    [TestCase("public float? Of(Step? step) => step?.Loss;")]
    [TestCase("public float Loss { get; init; }\n\n    public float Half => Loss / 2;")]
    [TestCase("public int Losses => 1; // Loss")]
    [TestCase("/* Loss */")]
    [TestCase("""public string Text => "Loss";""")]
    [TestCase("""public string Text => @"\" + "Loss";""")]
    [TestCase("""public char Quote => '"'; // Loss""")]
    public void AMemberOrAWordIsNoUse(string member) => Assert.That(Found(Of(member)), Is.Empty);

    [Test]
    public void APositionOfARecordIsAMember()
    {
        const string Text = "internal record struct A(ulong Loss, int Number)\n{\n    public ulong Half "
            + "=> Loss / 2;\n}";
        Assert.That(Found(new SourceFile("Top", "A.cs", Text)), Is.Empty);
    }

    [Test]
    public void TheSameRoomAndRoomsAboveMayBeNamed()
    {
        var user = new SourceFile("Deep/Inner", "A.cs", "internal sealed class A(Loss loss, B b);\n");
        var other = user with { Folder = "Deep/Other" };
        var above = new SourceFile("Top", "B.cs", "public enum B\n{\n    One,\n}\n");
        Assert.That(Found(user, other, above), Is.Empty, "Deep is one room with its folders");
    }

    [Test]
    public void TheRootIsAboveEverything()
    {
        var use = new SourceFile("", "A.cs", "internal sealed class A(Loss loss);\n");
        Assert.That(
            Found(use), Is.EqualTo(new[] { "engine/A.cs names Loss of engine/Deep/Inner/Loss.cs, a room below" }));
    }

    [Test]
    public void EveryKindOfTypeIsOne()
    {
        string[] declarations =
        [
            "public static class Kind\n{\n}", "internal readonly record struct Kind(int X);",
            "public abstract record Kind;",
            "internal enum Kind\n{\n}", "public partial interface Kind\n{\n}", "internal delegate void Kind(int x);",
            "public delegate T? Kind<T>(T x);", "internal ref struct Kind\n{\n}",
        ];
        foreach (var declaration in declarations)
        {
            var kind = new SourceFile("Deep", "Kind.cs", $"namespace Flixstock.Engine;\n\n{declaration}\n");
            Assert.That(Found(Of("private Kind _kept;"), kind), Has.Count.EqualTo(1), declaration);
        }
    }

    [Test]
    public void FoldersWithoutARoomAndTypesInTwoAreNamed()
    {
        Assert.That(
            Found(new SourceFile("Attic/Old", "A.cs", "internal sealed class A;\n")),
            Is.EqualTo(new[] { "engine/Attic/Old/A.cs stands in no room" }));
        var part = new SourceFile("Top", "Loss.Part.cs", "public sealed partial class Loss\n{\n}\n");
        Assert.That(
            Found(part),
            Has.One.EqualTo("Loss stands in two rooms: engine/Deep/Inner/Loss.cs, engine/Top/Loss.Part.cs"));
    }

    private static IReadOnlyList<string> Found(params SourceFile[] files) =>
        new RoomLeaks([". Other", "Top", "Deep"]).Find([new("Deep/Inner", "Loss.cs", Below), .. files]);

    private static SourceFile Of(string member) =>
        new("Top", "A.cs", $"namespace Flixstock.Engine;\n\ninternal sealed class A\n{{\n    {member}\n}}\n");
}
