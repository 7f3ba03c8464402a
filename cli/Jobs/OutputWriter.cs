using System.Text;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// A standard stream. When it cannot be written to, the first failure says which stream it is; after that nothing is
/// written any more, so that the work can be saved and the exit code still be told.
/// </summary>
/// <param name="inner">The stream's writer.</param>
/// <param name="name">Name of the stream in messages.</param>
internal sealed class OutputWriter(TextWriter inner, string name) : TextWriter
{
    private bool _failed;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        if (_failed)
            return;
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failed = true;
            throw new EngineException($"{name} cannot be written to: {e.Message}", e);
        }
    }
}
