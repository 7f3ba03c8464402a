using System.Runtime.InteropServices;
using System.Text;
using Flixstock.Cli;

using var cancellation = new CancellationTokenSource();
// The first Ctrl-C (or SIGTERM) asks the work to stop at a good place; the second one ends the process at once.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !cancellation.IsCancellationRequested;
    cancellation.Cancel();
}
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
if (Console.IsOutputRedirected)
    Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return CommandLine.Run(args, Console.Out, Console.Error, cancellation.Token);
