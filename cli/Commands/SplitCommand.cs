using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock split</c>: train, validation and test parts, and balanced copies of rare training pictures.</summary>
internal static class SplitCommand
{
    public static Command Create(TextWriter output)
    {
        var data = Options.Required("--data", "folder with images_cleaned/images and attributes_cleaned.csv");
        var stratified = Options.Flag("--stratified", "balance the parts over all attributes instead of the reference's shuffle");
        var skipBad = Options.Flag("--skip-bad", "leave out pictures that cannot be decoded, and list them");
        var exif = Options.Flag("--exif-rotate", "turn pictures as their EXIF orientation says before they are changed");
        var noAugment = Options.Flag("--no-augment", "no changed copies of rare pictures");
        var command = new Command("split", "Split a data set into train, validation and test, with changed copies of rare training pictures.\n\nExample:\n  flixstock split --data data")
        {
            data, stratified, skipBad, exif, noAugment,
        };
        command.SetAction(arguments =>
        {
            var options = new SplitOptions
            {
                Stratified = arguments.GetValue(stratified),
                SkipBad = arguments.GetValue(skipBad),
                ExifRotate = arguments.GetValue(exif),
                Augment = !arguments.GetValue(noAugment),
            };
            Run(output, arguments.GetValue(data)!, options);
            return 0;
        });
        return command;
    }

    public static void Run(TextWriter output, string data, SplitOptions options)
    {
        var report = new DatasetSplitter(data, options).Run();
        foreach (var skipped in report.Skipped)
            output.WriteLine($"skipped: {skipped}");
        output.WriteLine($"train {report.Train} (+ {report.Augmented} changed copies), validation {report.Validation}, test {report.Test}");
        foreach (var attribute in report.Distribution)
            Print(output, attribute);
    }

    private static void Print(TextWriter output, ClassDistribution attribute)
    {
        output.WriteLine($"{attribute.Group.Name,-16}{"train",8}{"balanced",10}{"val",6}{"test",6}");
        for (var k = 0; k <= attribute.Group.Classes; k++)
        {
            var name = k == attribute.Group.Classes ? "unknown" : attribute.Group.ClassName(k);
            output.WriteLine($"  {name,-14}{attribute.TrainBefore[k],8}{attribute.TrainAfter[k],10}{attribute.Validation[k],6}{attribute.Test[k],6}");
        }
    }
}
