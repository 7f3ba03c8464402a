using System.Diagnostics;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>
/// <c>labels</c>: label files as large as the published ones, drawn at random, and what it costs to read them. The
/// pictures are empty files: labels are what is measured.
/// </summary>
internal static class LabelBench
{
    private const string Usage = """
        labels openimages DIR [ROWS]       9 million rows, 1.74 million pictures, 9605 classes
        labels coco DIR [ANNOTATIONS]      860 thousand annotations, 450 MB
        labels scaling DIR [ENTRIES]       every kind of file with a tenth of the entries and with all: seconds and their ratio
        labels read DIR                    reads the training part; run it alone, so that the peak is that of reading
        """;

    /// <summary>Runs one of them: 0 done, 1 a kind of file is not read in linear time, 2 wrong arguments.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        switch (arguments)
        {
            case ["openimages", var folder, .. var rest]:
                LargeOpenImages.Write(folder, Count(rest, 9_000_000));
                return 0;
            case ["coco", var folder, .. var rest]:
                LargeCoco.Write(folder, Count(rest, 860_001));
                return 0;
            case ["scaling", var folder, .. var rest]:
                return Scaling.Run(folder, Count(rest, 1_000_000));
            case ["read", var folder]:
                Read(folder, output);
                return 0;
            default:
                error.WriteLine(Usage);
                return 2;
        }
    }

    private static int Count(string[] rest, int otherwise) =>
        rest is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : otherwise;

    private static void Read(string folder, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        var data = new DatasetSource(folder).Load("train");
        var seconds = watch.Elapsed.TotalSeconds;
        var held = GC.GetTotalMemory(forceFullCollection: true);
        using var self = Process.GetCurrentProcess();
        output.WriteLine(
            $"{DatasetSource.NameOf(data.Type)}: {data.Samples.Count} pictures, {data.Attributes.ClassCount} classes, "
                + $"{data.Samples.Sum(sample => (long)sample.Labels.Known().Count())} known labels");
        output.WriteLine($"{seconds:0.0} s, peak {self.PeakWorkingSet64 / 1048576} MiB, kept {held / 1048576} MiB");
        GC.KeepAlive(data);
    }
}
