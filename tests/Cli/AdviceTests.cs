using System.CommandLine;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>The engine names parameters and types; the command says its options and commands in their place.</summary>
public sealed partial class AdviceTests
{
    private static readonly RootCommand Root = Flixstock.Cli.CommandLine.CreateRoot(
        new Session(new Terminal(TextWriter.Null), TextWriter.Null, Backend.OpenCuda, new DefaultPlaces(""), default));

    private delegate Term Named();

    private delegate Term NamedWith(string value);

    private static IEnumerable<string> Terms() => typeof(Term)
        .GetMethods(BindingFlags.Static | BindingFlags.Public).Where(method => method.ReturnType == typeof(Term))
        .Select(method => method.GetParameters().Length == 0
            ? method.CreateDelegate<Named>()().Name
            : method.CreateDelegate<NamedWith>()("x").Name);

    // What only a program can give.
    private static readonly string[] OfPrograms = [nameof(TrainerOptions.Network)];

    // What the options of a training, of drawn data sets and of hidden labels may be refused by.
    private static IEnumerable<string> Parameters() =>
    [
        .. Settable(typeof(TrainerOptions)).Where(name => name != nameof(TrainerOptions.Loss)).Except(OfPrograms),
        .. Settable(typeof(SelectiveLossOptions)).Select(name => $"{nameof(TrainerOptions.Loss)}.{name}"),
        .. Settable(typeof(SynthesisOptions)), .. Settable(typeof(SceneOptions)), nameof(PartialSimulation.Parameter),
    ];

    [TestCaseSource(nameof(Terms))]
    public void EveryNameInAMessageIsOneOfTheEngine(string name) => Assert.That(
        typeof(Predictor).Assembly.GetExportedTypes().SelectMany(NamesOf), Does.Contain(name.Split('.')[^1]));

    [TestCaseSource(nameof(Terms))]
    public void EveryNameInAMessageIsAnOptionOrACommand(string name) =>
        Assert.That(
            Below(Root).Select(command => Advice.Word(name, "x", command)).Distinct(), Has.All.Matches<string>(Exists));

    [TestCaseSource(nameof(Parameters))]
    public void EveryParameterHasAnOption(string name) =>
        Assert.That(Advice.Word(name), Does.StartWith("--").And.Matches<string>(Exists));

    private static IEnumerable<TestCaseData> Refused()
    {
        static TestCaseData Of(TrainerOptions options, string name, string engine, string command) =>
            new TestCaseData(options, name, engine, command).SetArgDisplayNames(engine);
        var (none, loss) = (new TrainerOptions(), SelectiveLossOptions.Default);
        yield return Of(
            none with { BatchSize = 0 }, "BatchSize", "BatchSize 0: give a number from 1 to 65536",
            "--batch-size 0: give a number from 1 to 65536");
        yield return Of(
            none with { Loss = loss with { GammaPositive = -1 } }, "Loss.GammaPositive",
            "Loss.GammaPositive -1: give 0 or more", "--gamma-pos -1: give 0 or more");
        yield return Of(
            none with { BalanceThreshold = 0.5 }, "BalanceThreshold", "BalanceThreshold 0.5: it needs Balance sampler",
            "--balance-threshold 0.5: it needs --balance sampler");
        yield return Of(
            none with { Simulation = new PartialSimulation(SimulationKind.Rps, 1.5) }, "Parameter",
            "Parameter 1.5: with rps it is the share of labels to hide; give a number between 0 and 1, as 0.5",
            "--simulate-partial-param 1.5: with rps it is the share of labels to hide; give a number between "
                + "0 and 1, as 0.5");
    }

    [TestCaseSource(nameof(Refused))]
    public void AProgramIsToldThePropertyAndAUserTheOption(
        TrainerOptions options, string name, string engine, string command)
    {
        var failure = Assert.Throws<InputException>(options.Validate)!;
        Assert.That((failure.Parameter, failure.Message, Advice.Of(failure)), Is.EqualTo((name, engine, command)));
    }

    [Test]
    public void TheOptionIsOneOfTheCommand()
    {
        Assert.That(Advice.Word("Parameter", command: Find("data simulate")), Is.EqualTo("--param"));
        Assert.That(Advice.Word("Parameter", command: Find("train")), Is.EqualTo("--simulate-partial-param"));
        Assert.That(Advice.Word("folder", command: Find("split")), Is.EqualTo("--data"));
    }

    [Test]
    public void WhatAnExceptionWasCausedByIsSaidInTheSameWords()
    {
        var cause = new InputException($"{Term.BatchSize} 0: give 1; run {Term.DatasetSplitter("a b")} first");
        var failure = new EngineException(
            $"grid.json: {cause.Message}; and more", new InputException(cause.Message, cause));
        Assert.That(
            failure.Message, Is.EqualTo("grid.json: BatchSize 0: give 1; run DatasetSplitter(a b) first; and more"));
        Assert.That(Advice.Of(failure), Is.EqualTo(
            "grid.json: --batch-size 0: give 1; run 'flixstock split --data a b' first; and more"));
    }

    [TestCase("throw new InputException(\"--batch-size 0: give 1\");")]
    [TestCase("$\"{folder}: run 'flixstock split --data {folder}' first\"")]
    [TestCase("    // What flixstock data pack writes.")]
    [TestCase("/// <summary>As given to <c>--precision</c>.</summary>")]
    public void ANamedOptionOrCommandIsFound(string line) => Assert.That(Offences(line), Is.Not.Empty);

    // NVRTC's and git's options are their own.
    [Test]
    public void TheEngineNamesNeitherOptionsNorCommands() => Assert.That(
        Directory.EnumerateFiles(Repository.Find("engine"), "*.cs", SearchOption.AllDirectories).Where(
            file => !file.Contains(
                $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && Path.GetFileName(file) is not ("KernelCompiler.cs" or "GitCommit.cs"))
            .SelectMany(file => File.ReadLines(file).SelectMany(Offences).Select(found => $"{file}: {found}")),
        Is.Empty, "name the parameter or the type by a Term; cli/Advice.cs has the command's word for it");

    private static IEnumerable<string> Offences(string line) =>
        OptionOrCommand().Matches(line).Select(match => match.Value)
            .Where(found => found.StartsWith('-') || Find(found["flixstock ".Length..]) is not null);

    // Itself, what can be set, and what its methods are given.
    private static IEnumerable<string> NamesOf(Type type) =>
    [
        type.Name, .. Settable(type),
        .. type.GetMethods().Cast<MethodBase>().Concat(type.GetConstructors())
            .SelectMany(method => method.GetParameters()).Select(parameter => parameter.Name!),
    ];

    private static IEnumerable<string> Settable(Type options) =>
        options.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite
            && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
            .Select(property => property.Name);

    // Options anywhere, or a command with its options.
    private static bool Exists(string? word)
    {
        var words = word!.Trim('\'').Replace("flixstock ", "", StringComparison.Ordinal).Split(' ');
        var path = string.Join(' ', words.TakeWhile(one => !one.StartsWith('-') && one != "x"));
        var command = path.Length == 0 ? null : Find(path);
        return (path.Length == 0 || command is not null) && words.Where(one => one.StartsWith('-')).All(option =>
            OptionGroups.OptionsOf(command ?? Root)
                .Concat(command is null ? Below(Root).SelectMany(OptionGroups.OptionsOf) : [])
                .Any(known => known.Name == option || known.Aliases.Contains(option)));
    }

    private static Command? Find(string path) =>
        Below(Root).FirstOrDefault(command => UsageErrors.PathOf(command) == $"flixstock {path}");

    private static IEnumerable<Command> Below(Command command) =>
        command.Subcommands.SelectMany(sub => Below(sub).Prepend(sub));

    [GeneratedRegex("(?<![-\\w])--[a-z][a-z-]*|flixstock [a-z]+")]
    private static partial Regex OptionOrCommand();
}
