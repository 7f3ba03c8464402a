using System.CommandLine;
using Flixstock.Cli;
using Flixstock.Engine;
using Main = Flixstock.Cli.CommandLine;

namespace Flixstock.Tests.Cli;

/// <summary>Options without a default value, of every command: <c>none</c> is the same as leaving one out.</summary>
public sealed class NullableOptionTests
{
    // Words of a command line that have to be there for its options to be read.
    private static IEnumerable<TestCaseData> Commands() =>
        All(Root(), []).Where(one => Nullable(one.Command).Any())
            .Select(one => new TestCaseData(string.Join(' ', one.Path)).SetArgDisplayNames([.. one.Path]));

    [TestCaseSource(nameof(Commands))]
    public void None_is_the_same_as_leaving_the_option_out(string path)
    {
        var root = Root();
        var words = path.Split(' ');
        var command = words.Aggregate((Command)root, (at, word) => at.Subcommands.Single(one => one.Name == word));
        foreach (var option in Nullable(command))
        {
            foreach (string[] spelling in new[] { [option.Name, "none"], new[] { $"{option.Name}=None" } })
            {
                var (parsed, arguments) = ArgumentSpelling.Parse(root, [.. words, .. spelling]);
                Assert.That(arguments, Is.EqualTo(words), $"{path} {string.Join(' ', spelling)}");
                Assert.That(Value(parsed, option), Is.Null.Or.Empty, option.Name);
            }
        }
    }

    [Test]
    public void Every_option_that_may_be_null_accepts_none() =>
        Assert.That(
            All(Root(), []).SelectMany(one => one.Command.Options).Where(option => System.Nullable.GetUnderlyingType(
                option.ValueType) is not null && option is not INullableOption).Select(option => option.Name),
            Is.Empty);

    [Test]
    public void None_stays_where_it_is_a_value() =>
        Assert.That(
            ArgumentSpelling.Parse(
                Root(), ["train", "--loss-preset", "none", "--out", "x", "--", "--weights", "none"]).Arguments,
            Is.EqualTo(new[] { "train", "--loss-preset", "none", "--out", "x", "--", "--weights", "none" }));

    private static IEnumerable<Option> Nullable(Command command) =>
        command.Options.Where(option => option is INullableOption);

    private static object? Value(ParseResult parsed, Option option) =>
        typeof(ParseResult).GetMethods()
            .Single(method => method.Name == nameof(ParseResult.GetValue) && method.IsGenericMethod
                && method.GetParameters()[0].ParameterType is { IsGenericType: true } type
                && type.GetGenericTypeDefinition() == typeof(Option<>))
            .MakeGenericMethod(option.ValueType).Invoke(parsed, [option]);

    private static IEnumerable<(Command Command, string[] Path)> All(Command command, string[] path) =>
        command.Subcommands.SelectMany(
            sub => All(sub, [.. path, sub.Name]).Prepend((sub, [.. path, sub.Name])));

    private static RootCommand Root() => Main.CreateRoot(new Session(
        new Terminal(TextWriter.Null), TextWriter.Null, Backend.OpenCuda, new DefaultPlaces("/nowhere"), default));
}
