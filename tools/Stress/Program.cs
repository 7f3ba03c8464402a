using System.Globalization;
using Flixstock.Stress;

// What a program may do with predictors from several threads, done by very many at once, with disposals in the middle:
//   Flixstock.Stress [rounds, 20] [threads, 8] [calls of a thread, 200] [processor threads, 2]
// A table of calls, of results that differ from those of one thread alone, of refusals after a disposal, and of
// failures. The exit code is 1 where anything was wrong.
int Number(int place, int otherwise) =>
    args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : otherwise;

var load = new StressLoad(Number(1, 8), Number(2, 200), Number(3, 2));
var rounds = Number(0, 20);
Console.WriteLine(
    $"{load.Threads} threads, {load.Calls} calls each, {load.Workers} processor threads, {rounds} rounds");
Console.WriteLine($"{"what",-44} {"calls",9} {"wrong",6} {"refused",8} {"failed",7} {"seconds",8}");
var failed = false;
foreach (var scenario in StressScenarios.All(load))
{
    var total = new StressReport();
    for (var round = 0; round < rounds; round++)
        total.Add(scenario.Run(round));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name,-44} {total.Calls,9} "
        + $"{total.Wrong,6} {total.Refused,8} {total.Failures.Count,7} {total.Seconds,8:0.0}"));
    foreach (var failure in total.Failures.Take(5))
        Console.WriteLine($"  {failure}");
    failed |= total.Wrong > 0 || total.Failures.Count > 0;
}
return failed ? 1 : 0;
