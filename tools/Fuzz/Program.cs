using System.Diagnostics;
using System.Globalization;
using Flixstock.Fuzz;

// Files of weights:              Flixstock.Fuzz [inputs] [first seed] [folder of seeds]
// Every other file of commands:  Flixstock.Fuzz files [inputs] [first seed] [kinds whose name begins so]
int Number(int place, int otherwise) =>
    args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : otherwise;

if (args is ["files", ..])
{
    using var fuzz = new InputFuzz(args.Length > 3 ? args[3] : "");
    fuzz.Run(Number(2, 1), Number(1, 100_000), told: Console.WriteLine);
    Console.WriteLine($"{"file",-28} {"inputs",8} {"read",8} {"longest",10} {"heap",9}");
    foreach (var (name, report) in fuzz.Reports)
    {
        Console.WriteLine($"{name,-28} {report.Inputs,8} {report.Read,8} {report.Longest.TotalMilliseconds,7:0} ms "
            + $"{report.MostAllocated >> 20,5} MiB");
    }
    using var self = Process.GetCurrentProcess();
    Console.WriteLine($"{fuzz.Reports.Values.Sum(report => report.Inputs)} inputs, {fuzz.Failures.Count} failures, "
        + $"peak of the process {self.PeakWorkingSet64 >> 20} MiB");
    return fuzz.Failures.Count == 0 ? 0 : 1;
}

var seeds = FuzzSeeds.Load(args.Length > 2 ? args[2] : Path.Combine("tests", "golden", "pth"));
var weights = new FuzzRun(seeds).Run(Number(1, 1), Number(0, 100_000));
Console.WriteLine(weights);
foreach (var failure in weights.Failures)
    Console.WriteLine($"  {failure}");
return weights.Failures.Count == 0 ? 0 : 1;
