using Flixstock.Memory;

// What the command 'flixstock' needs of memory for large pictures, many of them, and pictures that are made to do harm:
//   Memory pictures DIR                       writes them (700 MB, and 2 GB that take no room on the disk)
// Memory measure DIR FLIXSTOCK WEIGHTS runs 'flixstock infer' on each and prints the peak of resident memory (Linux)
switch (args)
{
    case ["pictures", var folder]:
        LargePictures.Write(folder);
        return 0;
    case ["measure", var folder, var program, var weights]:
        foreach (var path in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            Console.WriteLine(PeakMemory.Of(program, "infer", "--weights", weights, "--workers", "2", path)
                .Line(Path.GetFileName(path)));
        }
        return 0;
    default:
        Console.Error.WriteLine("give: pictures DIR | measure DIR FLIXSTOCK WEIGHTS");
        return 2;
}
