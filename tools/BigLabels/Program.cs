using System.Diagnostics;
using Flixstock.BigLabels;
using Flixstock.Engine;

// Label files as large as the published ones, drawn at random, and what it costs to read them:
//   BigLabels openimages DIR [ROWS]       9 million rows, 1.74 million pictures, 9605 classes
//   BigLabels coco DIR [ANNOTATIONS]      860 thousand annotations, 450 MB
//   BigLabels scaling DIR [ENTRIES]       every kind of file with a tenth of the entries and with all: seconds and their ratio
//   BigLabels read DIR                    reads the training part; run it alone, so that the peak is that of reading
// The pictures are empty files: labels are what is measured.
switch (args)
{
    case ["openimages", var folder, .. var rest]:
        LargeOpenImages.Write(folder, rest is [var rows] ? int.Parse(rows) : 9_000_000);
        return 0;
    case ["coco", var folder, .. var rest]:
        LargeCoco.Write(folder, rest is [var annotations] ? int.Parse(annotations) : 860_001);
        return 0;
    case ["scaling", var folder, .. var rest]:
        return Scaling.Run(folder, rest is [var entries] ? int.Parse(entries) : 1_000_000);
    case ["read", var folder]:
        var watch = Stopwatch.StartNew();
        var data = new DatasetSource(folder).Load("train");
        var seconds = watch.Elapsed.TotalSeconds;
        var held = GC.GetTotalMemory(forceFullCollection: true);
        using (var self = Process.GetCurrentProcess())
        {
            Console.WriteLine($"{DatasetSource.NameOf(data.Type)}: {data.Samples.Count} pictures, {data.Attributes.ClassCount} classes, "
                + $"{data.Samples.Sum(sample => (long)sample.Labels.Known().Count())} known labels");
            Console.WriteLine($"{seconds:0.0} s, peak {self.PeakWorkingSet64 / 1048576} MiB, kept {held / 1048576} MiB");
        }
        GC.KeepAlive(data);
        return 0;
    default:
        Console.Error.WriteLine("give: openimages DIR [ROWS] | coco DIR [ANNOTATIONS] | scaling DIR [ENTRIES] | read DIR");
        return 2;
}
