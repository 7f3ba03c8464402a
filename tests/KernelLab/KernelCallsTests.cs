using System.Reflection;
using System.Text.RegularExpressions;
using Flixstock.Engine;
using Flixstock.KernelLab;

namespace Flixstock.Tests.Laboratory;

/// <summary>
/// No operation is without calls: each folder of operations has its class, and each entry of the table a call.
/// </summary>
public sealed partial class KernelCallsTests
{
    private static string Root => Path.Combine(Golden.RepositoryFolder, "engine", "Operations");

    private static IEnumerable<string> Folders() =>
        Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    [Test]
    public void EveryOperationHasItsCallsAndEveryCallItsOperation() => Assert.That(
        KernelCalls.Operations.Select(operation => operation.GetType().Name),
        Is.EquivalentTo(Folders().Select(folder => folder + "Calls")));

    [TestCaseSource(nameof(Folders))]
    public void EveryEntryOfAnOperationIsCalled(string folder)
    {
        var calls = KernelCalls.Operations.Single(operation => operation.GetType().Name == folder + "Calls");
        var recorder = DispatchProxy.Create<IKernels, Recorder>();
        foreach (var call in calls.All())
        {
            using var bench = new KernelWorkbench(Backend.Reference());
            call.Prepare(bench, new Shape(2, 6, 5, 8))(recorder);
        }
        Assert.That(Entries(folder).Except(((Recorder)(object)recorder).Called), Is.Empty, "entries without a call");
    }

    [Test]
    public void NoTwoCallsHaveOneName() => Assert.That(KernelCalls.All().Select(call => call.Name), Is.Unique);

    // Those with a body are advice that a device may ignore.
    private static IEnumerable<string> Entries(string folder) =>
        Directory.GetFiles(Path.Combine(Root, folder), "IKernels.*.cs")
            .SelectMany(path => Declaration().Matches(File.ReadAllText(path)))
            .Select(match => match.Groups[1].Value)
            .Where(name => typeof(IKernels).GetMethod(name)!.IsAbstract);

    [GeneratedRegex("""^    void (\w+)\(""", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    public class Recorder : DispatchProxy
    {
        public HashSet<string> Called { get; } = new(StringComparer.Ordinal);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Called.Add(targetMethod!.Name);
            return null;
        }
    }
}
