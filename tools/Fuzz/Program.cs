using System.Globalization;
using Flixstock.Fuzz;

// Flixstock.Fuzz [inputs] [first seed] [folder of seeds]
var inputs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
var first = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
var folder = args.Length > 2 ? args[2] : Path.Combine("tests", "golden", "pth");
var (report, failures, coverage) = CoveredRun.Run(folder, first, inputs);
Console.WriteLine(report);
foreach (var failure in failures)
    Console.WriteLine($"  {failure}");
Console.WriteLine(coverage);
return failures.Count == 0 ? 0 : 1;
