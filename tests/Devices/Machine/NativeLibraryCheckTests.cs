using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>
/// A native library that is missing or does not load is one line with its file, the reason and what to do.
/// </summary>
public sealed class NativeLibraryCheckTests
{
    [Test]
    public void Skia_is_here_with_version_and_place()
    {
        var skia = NativeLibraryCheck.Skia;
        Assert.That(skia.Problem, Is.Null);
        Assert.That(skia.Version, Does.Match(@"^\d+\.\d+"));
        Assert.That(Path.GetFileName(skia.Path), Is.EqualTo(skia.File));
        Assert.That(NativeLibraryCheck.RequireSkia, Throws.Nothing);
    }

    [TestCase("", "missing", "install the program again", TestName = "not there")]
    [TestCase(
        "failed to map segment from shared object: Operation not permitted", "Operation not permitted", "noexec",
        TestName = "a disk without programs")]
    [TestCase(
        "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found", "GLIBC_2.38", "linux-musl-x64",
        TestName = "an older C library")]
    [TestCase(
        "Error loading shared library ld-linux-x86-64.so.2: No such file or directory", "ld-linux", "linux-musl-x64",
        TestName = "another C library")]
    [TestCase(
        "libfontconfig.so.1: cannot open shared object file: No such file or directory", "libfontconfig",
        "install the library that it needs", TestName = "a library that it needs")]
    [TestCase("invalid ELF header", "invalid ELF header", "another processor", TestName = "a damaged file")]
    public void The_line_names_file_reason_and_remedy(string words, string reason, string remedy)
    {
        var path = words.Length == 0 ? null : "/app/libSkiaSharp.so";
        var line = NativeLibraryCheck.Describe("libSkiaSharp.so", "reads and draws pictures", path, words, "/app/");
        Assert.That(line, Does.Contain("libSkiaSharp.so").And.Contain("/app").And.Contain(reason).And.Contain(remedy)
            .And.Not.Contain("\n"));
    }

    [Test]
    public void A_library_that_is_nowhere_is_missing()
    {
        var status = NativeLibraryCheck.Examine(
            "Nothing", "flixstocknothing", "does nothing",
            () => throw new DllNotFoundException("general advice\nlibflixstocknothing.so: no such file"));
        Assert.That(status.Usable, Is.False);
        Assert.That(
            status.Problem, Does.Contain("flixstocknothing").And.Contain("missing").And.Contain("does nothing"));
    }

    [Test]
    public void A_failure_to_load_is_found_behind_a_type_that_does_not_initialise()
    {
        var failure = new TypeInitializationException(
            "HarfBuzzSharp.Blob",
            new DllNotFoundException("Unable to load shared library.\n/app/libHarfBuzzSharp.so: file too short\n"));
        Assert.That(
            NativeLibraryCheck.Explain(failure),
            Does.Contain("/app/libHarfBuzzSharp.so: file too short").And.Contain("install").And.Not.Contain("\n"));
        Assert.That(NativeLibraryCheck.Explain(new InvalidOperationException("something else")), Is.Null);
        Assert.That(
            NativeLibraryCheck.Explain(new TypeInitializationException("Ours", new FormatException("a fault of ours"))),
            Is.Null);
    }
}
