using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock watch</c>: a run in the browser while it is trained.</summary>
internal static class WatchCommand
{
    private const string Manual = """
        Shows a training run in the browser while it is trained by another process: options, losses by step and epoch,
        validation, learning rate. The page changes by itself, at most every two seconds. 'train --watch' does the same
        for the run that it trains.

        It listens on 127.0.0.1 alone, can only be read and writes nothing; from another machine:
        ssh -L 6060:127.0.0.1:6060 HOST. It needs ASP.NET Core next to .NET. Ctrl-C ends it.
        """;

    public static Command Create(Session session)
    {
        var run = new Argument<string>("run") { Description = "Folder of the run." };
        var port = Options.Integer(
            "--port", WatchPage.StandardPort, "Port to listen on; 0: any that is free.", 0, 65535);
        var command = new DocumentedCommand(
            "watch", "Watch a training run in the browser.", Manual, "flixstock watch run",
            "flixstock watch run --port 0")
        {
            run, port,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(run)!;
            _ = RunFacts.Read(folder); // says what is wrong with the folder
            var (server, address) = WatchPage.Serve(folder, parsed.GetValue(port));
            using (server)
            {
                session.Terminal.Line($"{folder}: {address}");
                session.Terminal.Remark("Ctrl-C ends it");
                session.Cancellation.WaitHandle.WaitOne();
            }
            return CommandLine.Done;
        });
        return command;
    }
}
