using Flixstock.Bench;
using Flixstock.Engine;

// Label files and explanations have command lines of their own: they name folders, not networks.
return args switch
{
    ["labels", .. var labels] => LabelBench.Run(labels, Console.Out, Console.Error),
    ["explain", .. var explained] => ExplainBench.Run(explained, Console.Out, Console.Error),
    _ => BenchCommand.Run(args, Console.Out, Console.Error, Backend.OpenCuda),
};
