using System.Text;
using Flixstock.Cli;

if (Console.IsOutputRedirected)
    Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
Console.SetOut(new OutputWriter(Console.Out, "standard output"));
Console.SetError(new OutputWriter(Console.Error, "standard error"));
using var signals = new StopSignals();
return signals.ExitCode(CommandLine.Run(args, Console.Out, Console.Error, signals.Token));
