using Flixstock.Bench;
using Flixstock.Engine;

// Label files have a command line of their own: they name folders, not networks.
return args is ["labels", .. var labels]
    ? LabelBench.Run(labels, Console.Out, Console.Error)
    : BenchCommand.Run(args, Console.Out, Console.Error, Backend.OpenCuda);
