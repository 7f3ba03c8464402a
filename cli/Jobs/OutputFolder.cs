using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// A folder that results will go to: checked before the work, gone again if the work fails before anything was written.
/// </summary>
internal static class OutputFolder
{
    /// <summary>
    /// Same as <see cref="Use"/>, with the folder's lock held: for work that writes more than one file, or for long.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="option">Name of the option that the user gave.</param>
    /// <param name="what">What is done there, for the message to a process that is refused in the meantime.</param>
    /// <param name="takeOver">Value of <c>--take-over</c>.</param>
    /// <param name="work">The work, which receives the lock.</param>
    public static T Hold<T>(string folder, string option, string what, bool takeOver, Func<FolderLock, T> work) =>
        Use(folder, option, () =>
        {
            using var held = FolderLock.Take(folder, what, takeOver);
            return work(held);
        });

    public static T Use<T>(string folder, string option, Func<T> work)
    {
        var working = false;
        try
        {
            return WorkFolder.Use(folder, () =>
            {
                working = true;
                return work();
            });
        }
        catch (InputException e) when (!working)
        {
            // The engine calls it a folder; a command may be given several.
            throw new InputException(e.Wording.In((_, _) => option), e.InnerException);
        }
    }
}
