using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Result of loading a native library that comes with this program.</summary>
/// <param name="Name">Name of the library: <c>Skia</c>.</param>
/// <param name="File">The file's name on this system: <c>libSkiaSharp.so</c>.</param>
/// <param name="Purpose">What the program uses it for: "reads and draws pictures".</param>
/// <param name="Version">Version of the library; null if it cannot be used.</param>
/// <param name="Path">Path of the file; null if it was not found.</param>
/// <param name="Problem">Why it cannot be used and what to do, in one line that names the file; null if it can.</param>
internal sealed record NativeLibraryStatus(
    string Name, string File, string Purpose, string? Version, string? Path, string? Problem)
{
    /// <summary>True if it can be used.</summary>
    public bool Usable => Problem is null;
}

/// <summary>
/// Native libraries that come with this program: present and loadable, or one line that says what to do. Without this a
/// missing file shows as a type that cannot be initialised, wherever it is first used.
/// </summary>
internal static class NativeLibraryCheck
{
    private static readonly Lazy<NativeLibraryStatus> SkiaStatus = new(
        () => Examine("Skia", "SkiaSharp", "reads and draws pictures", () =>
        {
            using var data = SKData.CreateCopy([0]); // the version alone would not load everything
            return SkiaSharpVersion.Native.ToString();
        }));

    /// <summary>The status of Skia, examined once.</summary>
    public static NativeLibraryStatus Skia => SkiaStatus.Value;

    /// <summary>Proves before pictures are decoded or drawn that this is possible.</summary>
    /// <exception cref="EngineException">Skia cannot be used; says why and what to do.</exception>
    public static void RequireSkia()
    {
        if (Skia.Problem is { } problem)
            throw new EngineException(problem);
    }

    /// <summary>Uses a library and examines what goes wrong.</summary>
    /// <param name="name">Name of the library.</param>
    /// <param name="stem">
    /// The file's name without what the system adds: <c>SkiaSharp</c> of <c>libSkiaSharp.so</c>.
    /// </param>
    /// <param name="purpose">What the program uses it for.</param>
    /// <param name="use">Calls it and returns its version.</param>
    public static NativeLibraryStatus Examine(string name, string stem, string purpose, Func<string> use)
    {
        var file = FileName(stem);
        try
        {
            var version = use();
            return new NativeLibraryStatus(name, file, purpose, version, new ProcessHost().Loaded(file), Problem: null);
        }
        catch (Exception e) when (IsLoadFailure(e))
        {
            var path = SearchFolders().Select(folder => Path.Combine(folder, file))
                .FirstOrDefault(System.IO.File.Exists);
            var words = "";
            if (path is not null && new ProcessHost().Load(path, out words) != 0)
                words = LastLine(Innermost(e).Message); // it loads but does not suit: another version
            return new NativeLibraryStatus(
                name, file, purpose, Version: null, path,
                Describe(file, purpose, path, words, AppContext.BaseDirectory));
        }
    }

    /// <summary>
    /// The one line for a failure whose cause is a native library, met anywhere; null if the cause is another.
    /// </summary>
    public static string? Explain(Exception failure)
    {
        if (!IsLoadFailure(failure))
            return null;
        if (!Skia.Usable)
            return Skia.Problem;
        return $"a native library of this program cannot be loaded: {LastLine(Innermost(failure).Message)}; install "
            + $"the program again, completely, on a disk that programs may run from";
    }

    internal static string Describe(string file, string purpose, string? path, string words, string folder)
    {
        var problem =
            path is null ? $"is missing from {folder.TrimEnd('/', '\\')}" : $"cannot be loaded ({words.TrimEnd('.')})";
        return $"{path ?? file}: the library that {purpose} {problem}; {Remedy(path, words)}";
    }

    private static string Remedy(string? path, string words)
    {
        bool Says(params string[] texts) => texts.Any(text => words.Contains(text, StringComparison.OrdinalIgnoreCase));
        if (path is null)
            return "install the program again, completely, or copy the file there";
        if (Says("failed to map segment", "Operation not permitted"))
        {
            return "the disk is mounted so that nothing on it may be executed (noexec): move the program "
                + "to another disk";
        }
        if (Says("GLIBC", "ld-musl", "ld-linux", "Error relocating", "symbol not found"))
        {
            return "it was built for another C library: take the build for this system (on Alpine linux-musl-x64), or "
                + "a newer system";
        }
        if (Says("invalid ELF header", "wrong ELF class", "file too short", "Exec format", "not a valid Win32"))
            return "the file is damaged or made for another processor: install the program again";
        if (Says("cannot open shared object file", "Error loading shared library"))
            return "install the library that it needs, which the message names";
        return "install the program again, completely";
    }

    private static string FileName(string stem) => OperatingSystem.IsWindows()
        ? $"lib{stem}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{stem}.dylib" : $"lib{stem}.so";

    // The folders that the runtime itself searches; a single file unpacks its libraries into one of them.
    private static IEnumerable<string> SearchFolders() =>
        ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Prepend(AppContext.BaseDirectory);

    // of another version
    private static bool IsLoadFailure(Exception e) =>
        e is TypeInitializationException { InnerException: { } inner } type
            ? IsLoadFailure(inner) || (inner is InvalidOperationException
                && type.TypeName.StartsWith("SkiaSharp.", StringComparison.Ordinal))
            : e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException;

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    // .NET puts general advice first; what the system's loader says comes last.
    private static string LastLine(string message) =>
        message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1].TrimEnd('.');
}
