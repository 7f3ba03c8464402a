using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// Finds out what a path leads to without opening it: opening a pipe waits for its writer, reading a device may never
/// end.
/// </summary>
internal static partial class FileKind
{
    private const int TypeMask = 0xF000, Pipe = 0x1000, CharacterDevice = 0x2000, BlockDevice = 0x6000,
        Regular = 0x8000, Socket = 0xC000;

    /// <summary>
    /// What the path leads to if that is not a file to read, such as "a named pipe"; null: a file, nothing at all, or
    /// what a shell makes of <c>&lt;(command)</c>.
    /// </summary>
    public static string? Irregular(string path)
    {
        if (Directory.Exists(path))
            return "a folder";
        return TypeOf(path) switch
        {
            Pipe => IsOfTheShell(path) ? null : "a named pipe",
            Socket => "a socket",
            CharacterDevice or BlockDevice => "a device",
            _ => null,
        };
    }

    /// <summary>Refuses a path to anything but a file, before it is opened.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="InputException">It is a pipe, a socket or a device; the message says which. Folders and paths
    /// that lead nowhere are left to the code that opens them.</exception>
    public static void Require(string path)
    {
        if (Irregular(path) is { } what and not "a folder")
            throw new InputException($"{path}: that is {what} and not a file; give a file");
    }

    /// <summary>True for a pipe, which has no length before it is read.</summary>
    public static bool IsPipe(string path) => TypeOf(path) == Pipe;

    // Not everything below /dev: pipes of users may lie in /dev/shm.
    private static bool IsOfTheShell(string path) => Path.GetFullPath(path) is var full
        && (full == "/dev/stdin" || full.StartsWith("/dev/fd/", StringComparison.Ordinal)
            || (full.StartsWith("/proc/", StringComparison.Ordinal)
                && full.Contains("/fd/", StringComparison.Ordinal)));

    private static int TypeOf(string path)
    {
        if (OperatingSystem.IsWindows())
            return Regular; // its pipes and devices have their own names, which File.Exists does not know
        try
        {
            return Stat(path, out var status) == 0 ? status.Mode & TypeMask : 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return 0; // unknown: it is opened like any file
        }
    }

    // The runtime's own stat(), whose structure is the same on every Unix.
    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_Stat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(string path, out Status status);

    [StructLayout(LayoutKind.Sequential)]
    private struct Status
    {
        public int Flags;
        public int Mode;
        private readonly uint _user, _group;
        private readonly long _size, _accessTime, _accessNanoseconds, _modifyTime, _modifyNanoseconds, _changeTime,
            _changeNanoseconds, _birthTime, _birthNanoseconds;
        private readonly long _device, _rawDevice, _inode;
        private readonly uint _userFlags;
        private readonly long _reserve1, _reserve2; // later runtimes may add fields
    }
}
