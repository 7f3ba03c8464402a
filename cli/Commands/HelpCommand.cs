using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock help train</c>: the same as <c>flixstock train --help</c>.</summary>
internal static class HelpCommand
{
    public static Command Create(Session session)
    {
        var path = new Argument<string[]>("command")
        {
            Description = "The command, as 'train' or 'data check'; without it all are listed.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("help", "Show the manual page of a command.") { path };
        command.SetAction(parsed =>
        {
            var found = command.Parents.OfType<Command>().Single();
            foreach (var name in parsed.GetValue(path) ?? [])
            {
                found = found.Subcommands.FirstOrDefault(sub => sub.Name == name || sub.Aliases.Contains(name))
                    ?? throw new InputException(UsageErrors.UnknownCommand(name, found));
            }

            ManualPage.Print(found, session.Terminal);
        });
        return command;
    }
}
