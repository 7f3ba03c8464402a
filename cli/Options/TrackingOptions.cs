using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// The options about a tracking server. Without <c>--mlflow</c> nothing is sent, whatever the environment says.
/// </summary>
internal sealed class TrackingOptions
{
    private const string Standard = "Default";

    private readonly Option<string?> _mlflow = Server();

    private readonly Option<string?> _experiment = Options.OptionalPath(
        "--mlflow-experiment",
        $"Experiment there, made if there is none; without it that of MLFLOW_EXPERIMENT_NAME, or {Standard}.", "name");

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_mlflow, _experiment];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    /// <summary>The server; null: none was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="variable">A variable of the environment; null: the process's.</param>
    /// <exception cref="InputException">It has no address, or none that can be.</exception>
    public MlflowServer? Read(ParseResult parsed, Func<string, string?>? variable = null)
    {
        string? Variable(string name) =>
            (variable ?? Environment.GetEnvironmentVariable)(name) is { Length: > 0 } value ? value : null;
        if (!parsed.IsGiven(_mlflow))
        {
            parsed.RefuseAny([_experiment], $"without {_mlflow.Name} nothing is logged");
            return null;
        }
        var given = parsed.GetValue(_mlflow);
        var address = given is { Length: > 0 } ? given : Variable("MLFLOW_TRACKING_URI") ?? throw new InputException(
            $"{_mlflow.Name}: give the server's address, as http://localhost:5000, or set MLFLOW_TRACKING_URI");
        return MlflowServer.At(address) with
        {
            Experiment = parsed.GetValue(_experiment) ?? Variable("MLFLOW_EXPERIMENT_NAME") ?? Standard,
            UserName = Variable("MLFLOW_TRACKING_USERNAME"),
            Password = Variable("MLFLOW_TRACKING_PASSWORD"),
            Token = Variable("MLFLOW_TRACKING_TOKEN"),
        };
    }

    // Without an address it is in the environment.
    private static Option<string?> Server()
    {
        var option = Options.OptionalPath(
            "--mlflow", "Log the training to an MLflow tracking server, as http://localhost:5000; without url that of "
                + "the environment variable MLFLOW_TRACKING_URI.", "url");
        var parse = option.CustomParser!;
        option.Arity = ArgumentArity.ZeroOrOne;
        option.CustomParser = result => result.Tokens.Count == 0 ? "" : parse(result);
        return option;
    }
}
