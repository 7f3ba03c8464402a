using System.CommandLine;

namespace Flixstock.Cli;

/// <summary>The options of commands that draw contact sheets.</summary>
internal sealed class SheetOptions
{
    private const string ExplainHelp = "Show on the sheets where the network sees what it says (Grad-CAM).";

    /// <summary>Largest number of pictures on a sheet.</summary>
    public Option<int> Most { get; } = Options.Integer("--pictures", 60, "Pictures on a sheet at most.", 1, 1000);

    /// <summary>With maps over the pictures.</summary>
    public Option<bool> Explain { get; } = Options.Flag("--explain", ExplainHelp);

    /// <summary>The least confidence of the model that makes a label suspicious.</summary>
    public Option<double> Confidence { get; } = Options.Number(
        "--confidence", 0.9, "How sure the model has to be for a label to be suspicious.", 0.5, 1);

    public void AddTo(Command command)
    {
        command.Add(Confidence);
        command.Add(Most);
        command.Add(Explain);
    }
}
