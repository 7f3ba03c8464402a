using Flixstock.Bench;
using Flixstock.Engine;

return BenchCommand.Run(args, Console.Out, Console.Error, Backend.OpenCuda);
