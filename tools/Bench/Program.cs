using Flixstock.Bench;
using Flixstock.Engine;

// Label files, explanations and observers have command lines of their own: they name folders and files, not networks.
return args switch
{
    ["labels", .. var labels] => LabelBench.Run(labels, Console.Out, Console.Error),
    ["observers", .. var pictures] => ObserversBench.Run(pictures, Console.Out),
    ["explain", .. var explained] => ExplainBench.Run(explained, Console.Out, Console.Error),
    _ => BenchCommand.Run(args, Console.Out, Console.Error, Backend.OpenCuda),
};
