using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Flixstock.Engine;

/// <summary>
/// Identifies a file, regardless of its name: device and number of the inode. Hard links and links to folders lead to
/// the same one.
/// </summary>
internal readonly partial record struct FileIdentity(ulong Device, ulong Number)
{
    private const int CurrentFolder = -100, EmptyPath = 0x1000, WantsInode = 0x100, Size = 256;

    // Of the kernel's struct statx, which is the same on every processor.
    private const int InodeAt = 32, MajorAt = 136, MinorAt = 140;

    /// <summary>
    /// The identity of what a path leads to; null if there is nothing, or if the system does not report it.
    /// </summary>
    public static FileIdentity? Of(string path) => OperatingSystem.IsLinux() ? Ask(CurrentFolder, path, 0) : null;

    /// <summary>
    /// The identity of an open file, even if it no longer has a name; null if the system does not report it.
    /// </summary>
    public static FileIdentity? Of(SafeFileHandle handle) =>
        OperatingSystem.IsLinux() ? Ask((int)handle.DangerousGetHandle(), "", EmptyPath) : null;

    /// <summary>True if two paths lead to one file or folder.</summary>
    public static bool IsSame(string first, string second) =>
        Path.Exists(first) && Path.Exists(second)
        && (RealPath(first) == RealPath(second) || (Of(first) is { } identity && identity == Of(second)));

    /// <summary>
    /// The path with every link on the way replaced by what it leads to; of two paths to one folder it is the same.
    /// </summary>
    public static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        foreach (var name in full[real.Length..].Split(
            Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, name);
            try
            {
                if (new DirectoryInfo(real).LinkTarget is not null
                    && Directory.ResolveLinkTarget(real, returnFinalTarget: true) is { } target)
                {
                    real = target.FullName == real ? real : RealPath(target.FullName);
                }
            }
            catch (IOException e)
            {
                throw new InputException($"{path}: the link cannot be followed: {e.Message}", e);
            }
        }
        return real;
    }

    private static FileIdentity? Ask(int folder, string path, int flags)
    {
        Span<byte> answer = stackalloc byte[Size];
        answer.Clear();
        try
        {
            return Statx(folder, path, flags, WantsInode, answer) == 0
                ? new FileIdentity(
                    ((ulong)BitConverter.ToUInt32(answer[MajorAt..]) << 32) | BitConverter.ToUInt32(answer[MinorAt..]),
                    BitConverter.ToUInt64(answer[InodeAt..]))
                : null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return null; // a C library from before the call
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint wanted, Span<byte> answer);
}
