using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock synth</c>: draws a garment data set.</summary>
internal static class SynthCommand
{
    public static Command Create(TextWriter output)
    {
        var folder = Options.Required("--out", "folder to write the data set to");
        var count = Options.Integer("--count", 1422, "number of pictures", 1);
        var size = Options.Integer("--size", 224, "width and height in pixels", 1);
        var seed = Options.Integer("--seed", 1, "same seed, same bytes", 0);
        var command = new Command("synth", "Draw a garment data set that stands in for photos which cannot be shipped.\n\nExample:\n  flixstock synth --out data --count 600 --size 96")
        {
            folder, count, size, seed,
        };
        command.SetAction(arguments =>
        {
            Run(output, arguments.GetValue(folder)!, arguments.GetValue(count), arguments.GetValue(size), (ulong)arguments.GetValue(seed));
            return 0;
        });
        return command;
    }

    public static void Run(TextWriter output, string folder, int count, int size, ulong seed)
    {
        GarmentSynthesizer.Draw(folder, new SynthesisOptions { Count = count, Size = size, Seed = seed });
        output.WriteLine($"{count} pictures of {size}x{size} in {folder}");
    }
}
