namespace Flixstock.Tests;

/// <summary>What the tests that read sources take for code.</summary>
public sealed class SourceFileTests
{
    [TestCase("a // b\nc", "a \nc")]
    [TestCase("a /* b\n */ c", "a  c")]
    [TestCase("'\"' + '\\'' + 'x'", " +  + ")]
    [TestCase("f(\"x // y\")", "f(\"\")")]
    [TestCase("f(\"\", \"\\\"x\\\\\") + g", "f(\"\", \"\") + g")]
    [TestCase("@\"x\"\"y\\\" + z", "\"\" + z")]
    [TestCase("\"\"\"x \"y\" {z}\"\"\" + w", "\"\" + w")]
    [TestCase("$\"x {y} z\"", "\"\"(y)")]
    [TestCase("$\"{{x}} {a[1]:0.0}\"", "\"\"(a[1]:0.0)")]
    [TestCase("$\"{{{x}}}\" + y", "\"\"(x) + y")]
    [TestCase("$\"{(a ? \"b\" : $\"{c}\")}\" + d", "\"\"((a ? \"\" : \"\"(c))) + d")]
    [TestCase("$\"{f(x => { return 1; })}\"", "\"\"(f(x => { return 1; }))")]
    [TestCase("$$\"\"\"{x} {{y}} \"z\" \"\"\" + w", "\"\"(y) + w")]
    [TestCase("@event + x", "@event + x")]
    [TestCase("{ // {\n}", "{ \n}")]
    public void CommentsAndTextAreTakenOut(string text, string code) =>
        Assert.That(SourceText.Code(text), Is.EqualTo(code));

    [Test]
    public void EveryBraceOfTheEngineIsCountedOnce()
    {
        foreach (var file in SourceFile.Below(Path.Combine(Golden.RepositoryFolder, "engine")))
            Assert.That(file.Code.Count(c => c == '{'), Is.EqualTo(file.Code.Count(c => c == '}')), file.Name);
    }
}
