using Flixstock.KernelLab;

// The programs of a GPU server parse their own arguments.
return args is ["rehearse", .. var program]
    ? RehearsalCommand.Run(program, Console.Out, Console.Error)
    : LabCommand.Run(args, Console.Out, Console.Error);
