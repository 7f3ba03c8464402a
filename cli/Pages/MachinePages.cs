using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The processor's side of a machine, as a table.</summary>
internal static class MachinePages
{
    public static void Print(Terminal terminal, MachineReport machine, IEnumerable<NativeLibraryStatus> libraries) =>
        terminal.Table(new TablePage(
            "This machine",
            [TableColumn.Word("what"), TableColumn.Text("found")],
            [
                new TableRow("flixstock", machine.Engine), new TableRow("runtime", machine.Runtime),
                new TableRow("system", machine.System), new TableRow("processor", machine.Processor),
                new TableRow("vectors", $"{machine.Vectors.Bits} bits: {machine.Vectors.Reason}"),
                new TableRow("threads", Threads(machine)), new TableRow("memory", Memory(machine)),
                .. libraries.Select(
                    library => new TableRow(library.Name, library.Problem ?? $"{library.Version} ({library.File})")),
            ]));

    private static string Threads(MachineReport machine)
    {
        var text = $"{machine.Threads} without --threads";
        if (machine.LogicalProcessors is { } logical)
        {
            text += $"; the machine has {logical} processors"
                + $"{(machine.Cores is { } cores && cores != logical ? $" on {cores} cores" : "")}";
        }
        return machine.Limits.Processors is { } limit ? $"{text}; the control group allows {limit:0.##}" : text;
    }

    private static string Memory(MachineReport machine) =>
        $"{Gibibytes(machine.TotalBytes)} GiB"
        + $"{(machine.AvailableBytes is { } available ? $", {Gibibytes(available)} available" : "")}"
        + (machine.Limits.MemoryBytes == machine.TotalBytes ? ", as the control group allows" : "");

    private static string Gibibytes(long bytes) => $"{bytes / (double)(1L << 30):0.0}";
}
