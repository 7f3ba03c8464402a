using Flixstock.KernelLab;

return LabCommand.Run(args, Console.Out, Console.Error);
