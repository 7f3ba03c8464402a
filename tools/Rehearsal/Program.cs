using Flixstock.Rehearsal;

return RehearsalCommand.Run(args, Console.Out, Console.Error);
