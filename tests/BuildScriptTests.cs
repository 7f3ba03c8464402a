using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace Flixstock.Tests;

/// <summary>
/// build.ps1, run by PowerShell's own engine with a stub dotnet: the real one would run the tests inside the tests.
/// </summary>
[NonParallelizable]
public class BuildScriptTests
{
    private static string Script => Path.Combine(Golden.RepositoryFolder, "build.ps1");

    [Test]
    public void ItParses()
    {
        Parser.ParseFile(Script, out _, out var errors);
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public void ItRestoresBuildsTestsAndPacksInOrder() =>
        Assert.That(Calls(failing: ""), Is.EqualTo(new[] { "restore", "build", "test", "pack" }));

    [Test]
    public void AFailedStepStopsIt() => Assert.That(Calls(failing: "build"), Is.EqualTo(new[] { "restore", "build" }));

    private static string[] Calls(string failing)
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-build").FullName;
        var path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            var (log, stub) = (Path.Combine(folder, "calls"), Path.Combine(folder, "dotnet"));
            File.WriteAllText(stub, $"#!/bin/sh\necho \"$1\" >>'{log}'\n[ \"$1\" != '{failing}' ]\n");
            if (OperatingSystem.IsWindows())
                Assert.Ignore("the stub dotnet is a shell script");
            else
                File.SetUnixFileMode(stub, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Environment.SetEnvironmentVariable("PATH", folder + Path.PathSeparator + path);
            using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
            runspace.Open();
            using var shell = PowerShell.Create(runspace);
            shell.AddScript($"& '{Script}'");
            if (failing.Length == 0)
                shell.Invoke();
            else
                Assert.That(() => shell.Invoke(), Throws.InstanceOf<RuntimeException>().With.Message.Contains(failing));
            return File.ReadAllLines(log);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
            Directory.Delete(folder, recursive: true);
        }
    }
}
