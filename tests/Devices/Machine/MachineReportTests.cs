using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>Limits of containers and reasons for narrow vectors, from invented files and environments.</summary>
public sealed class MachineReportTests
{
    private const long Gibibyte = 1L << 30;

    [Test]
    public void WithoutControlGroupsThereAreNoLimits()
    {
        using var root = new TemporaryFolder();
        Assert.That(ControlGroup.Read(root.Path), Is.EqualTo(new ControlGroup(null, null, null)));
    }

    [Test]
    public void LimitsOfVersionTwoAreReadAndTheTightestCounts()
    {
        using var root = new TemporaryFolder();
        Write(root, "proc/self/cgroup", "0::/outer/inner\n");
        Write(root, "sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
        Write(root, "sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
        Write(root, "sys/fs/cgroup/outer/memory.max", $"{4 * Gibibyte}\n");
        Write(root, "sys/fs/cgroup/outer/memory.current", $"{3 * Gibibyte}\n");
        Write(root, "sys/fs/cgroup/outer/memory.stat", $"anon 1\ninactive_file {2 * Gibibyte}\n");
        Write(root, "sys/fs/cgroup/outer/inner/memory.max", "max\n");
        Assert.That(ControlGroup.Read(root.Path), Is.EqualTo(new ControlGroup(1.5, 4 * Gibibyte, 3 * Gibibyte)));
    }

    [Test]
    public void AContainerThatSeesItsOwnGroupAsTheRootIsRead()
    {
        using var root = new TemporaryFolder();
        Write(root, "proc/self/cgroup", "0::/\n");
        Write(root, "sys/fs/cgroup/cpu.max", "200000 100000\n");
        Assert.That(ControlGroup.Read(root.Path).Processors, Is.EqualTo(2));
    }

    [Test]
    public void LimitsOfVersionOneAreReadAndItsNoLimitIsNone()
    {
        using var root = new TemporaryFolder();
        Write(root, "proc/self/cgroup", "4:memory:/box\n2:cpu,cpuacct:/box\n0::/\n");
        Write(root, "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "50000\n");
        Write(root, "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
        Write(root, "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
        Write(root, "sys/fs/cgroup/memory/box/memory.limit_in_bytes", $"{2 * Gibibyte}\n");
        Write(root, "sys/fs/cgroup/memory/box/memory.usage_in_bytes", $"{Gibibyte}\n");
        Write(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Assert.That(ControlGroup.Read(root.Path), Is.EqualTo(new ControlGroup(0.5, 2 * Gibibyte, Gibibyte)));
    }

    [Test]
    public void MemoryIsWhatTheControlGroupLeavesOfTheMachines()
    {
        using var root = new TemporaryFolder();
        Write(
            root, "proc/meminfo",
            $"MemTotal: {8 * Gibibyte / 1024} kB\nMemAvailable: {5 * Gibibyte / 1024} kB\nHugePages_Total: 0\n");
        Assert.That(
            MachineReport.Read(root.Path),
            Has.Property("TotalBytes").EqualTo(8 * Gibibyte).And.Property("AvailableBytes").EqualTo(5 * Gibibyte));
        Write(root, "proc/self/cgroup", "0::/\n");
        Write(root, "sys/fs/cgroup/memory.max", $"{2 * Gibibyte}\n");
        Write(root, "sys/fs/cgroup/memory.current", $"{Gibibyte / 2}\n");
        Assert.That(
            MachineReport.Read(root.Path),
            Has.Property("TotalBytes").EqualTo(2 * Gibibyte).And.Property("AvailableBytes").EqualTo(3 * Gibibyte / 2));
    }

    [Test]
    public void TheProcessorsNameAndItsCoresComeFromTheSystem()
    {
        using var root = new TemporaryFolder();
        Write(root, "proc/cpuinfo", string.Join('\n', Enumerable.Range(0, 4)
            .Select(i => $"processor\t: {i}\nmodel name\t: Example 9000\nphysical id\t: 0\ncore id\t\t: {i / 2}\n")));
        var report = MachineReport.Read(root.Path);
        Assert.That((report.Processor, report.LogicalProcessors, report.Cores), Is.EqualTo(("Example 9000", 4, 2)));
    }

    [TestCase(512, true, "", "AVX-512")]
    [TestCase(256, true, "DOTNET_EnableAVX512=0", "narrower by DOTNET_EnableAVX512=0")]
    [TestCase(256, true, "DOTNET_PreferredVectorBitWidth=100", "narrower by DOTNET_PreferredVectorBitWidth=100")]
    [TestCase(128, true, "COMPlus_EnableAVX2=0", "narrower by COMPlus_EnableAVX2=0")]
    [TestCase(256, true, "DOTNET_EnableAVX512=1", "prefers 256 bits")]
    [TestCase(256, true, "DOTNET_TieredCompilation=0", "prefers 256 bits")]
    [TestCase(256, false, "", "the processor has no AVX-512")]
    [TestCase(0, true, "DOTNET_EnableHWIntrinsic=0", "narrower by DOTNET_EnableHWIntrinsic=0")]
    public void WhyVectorsAreAsWideAsTheyAre(int bits, bool present, string variable, string expected)
    {
        var environment = variable.Length == 0
            ? []
            : new Dictionary<string, string> { [variable.Split('=')[0]] = variable.Split('=')[1] };
        var report = VectorReport.Describe(bits, present, x86: true, environment);
        Assert.That(report.Bits, Is.EqualTo(bits));
        Assert.That(report.Reason, Does.Contain(expected));
    }

    [Test]
    public void ThisMachineHasThreadsAndMemory()
    {
        var report = MachineReport.Read();
        Assert.That(report.Threads, Is.EqualTo(Environment.ProcessorCount));
        Assert.That(report.AvailableBytes, Is.Null.Or.InRange(1, report.TotalBytes));
        Assert.That(report.Processor, Is.Not.Empty);
        Assert.That(report.Vectors, Is.EqualTo(VectorReport.Read()));
    }

    private static void Write(TemporaryFolder root, string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(root[file])!);
        File.WriteAllText(root[file], text);
    }
}
