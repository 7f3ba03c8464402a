using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// Kinds of options. All checks are made while parsing (a validator that reads an unconvertible value would throw), and
/// each names the option, the value and what to give instead.
/// </summary>
internal static class Options
{
    public static Option<int> Integer(
        string name, int standard, string description, int least = int.MinValue, int most = int.MaxValue) => new(name)
        {
            Description = description,
            HelpName = "n",
            DefaultValueFactory = _ => standard,
            CustomParser = result => ParseInteger(result, name, least, most),
        };

    public static Option<int?> OptionalInteger(
        string name, string description, int least = int.MinValue, int most = int.MaxValue) =>
        new NullableOption<int?>(name)
        {
            Description = description,
            HelpName = "n",
            CustomParser = result => ParseInteger(result, name, least, most),
        };

    /// <summary>A published variant, in any case, or the name of a custom network.</summary>
    public static Option<string> Network() => new("--model-name")
    {
        Description = $"Network: {string.Join(", ", NetworkCatalog.VariantNames)}.",
        HelpName = "name",
        DefaultValueFactory = _ => "tresnet_m",
        CustomParser = result => Chosen(Text(result), NetworkCatalog.VariantNames) ?? NotEmpty(result, "--model-name")!,
    };

    /// <summary>A published variant, in any case; null: none is asked for.</summary>
    public static Option<string?> PublishedNetwork() => new NullableOption<string?>("--model-name")
    {
        Description = $"A published network: {string.Join(", ", NetworkCatalog.VariantNames)}.",
        HelpName = "name",
        CustomParser = result => Chosen(Text(result), NetworkCatalog.VariantNames)
            ?? WrongChoice(result, "--model-name", [.. NetworkCatalog.VariantNames]),
    };

    /// <summary>
    /// The reference projects' option; here the number is known, and one that contradicts it is refused.
    /// </summary>
    public static Option<int?> NumberOfClasses()
    {
        var option = OptionalInteger("--num-classes", "Fail unless there are this many classes.", 1);
        option.Hidden = true;
        return option;
    }

    /// <summary>The number that represents <c>auto</c>.</summary>
    public const int AutomaticBatchSize = 0;

    public static Option<int> BatchSize(int standard) => new("--batch-size")
    {
        Description = "Pictures of a step; auto: as many as fit the device's memory and leave an epoch eight steps, on "
            + "the processor at most 64.",
        HelpName = "n",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Lower(result) == "auto"
            ? AutomaticBatchSize
            : ParseInteger(result, "--batch-size", 1, 65536, " or auto"),
    };

    /// <summary>The number that represents <c>auto</c>.</summary>
    public const int TopKFromPrior = -1;

    public static Option<int> TopK(int standard) => new("--likelihood-topk")
    {
        Description = "This many likely labels per picture are left out; auto: as many as the prior expects of "
            + "positives that are not annotated.",
        HelpName = "n",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Lower(result) == "auto"
            ? TopKFromPrior
            : ParseInteger(result, "--likelihood-topk", 0, 1_000_000, " or auto"),
    };

    /// <summary>A fold, as text that can be one.</summary>
    public static string? FoldText(ArgumentResult result)
    {
        var text = Text(result);
        try
        {
            return DataFold.Parse(text).ToString();
        }
        catch (InputException e)
        {
            result.AddError(Advice.Of(e));
            return null;
        }
    }

    public static Option<ulong> Seed(ulong standard, string description) => new("--seed")
    {
        Description = description,
        HelpName = "n",
        DefaultValueFactory = _ => standard,
        CustomParser = result => ParseSeed(result, "--seed"),
    };

    public static Option<ulong?> OptionalSeed(string name, string description) => new NullableOption<ulong?>(name)
    {
        Description = description,
        HelpName = "n",
        CustomParser = result => ParseSeed(result, name),
    };

    public static Option<double> Number(
        string name, double standard, string description, double least = double.MinValue, double most = double.MaxValue,
        bool above = false) => new(name)
        {
            Description = description,
            HelpName = "x",
            DefaultValueFactory = _ => standard,
            CustomParser = result => ParseNumber(result, name, least, most, above),
        };

    public static Option<double?> OptionalNumber(
        string name, string description, double least, double most = double.MaxValue, bool above = false) =>
        new NullableOption<double?>(name)
        {
            Description = description,
            HelpName = "x",
            CustomParser = result => ParseNumber(result, name, least, most, above),
        };

    /// <summary>A number, or a word that means NaN.</summary>
    public static Option<double> NumberOr(
        string word, string name, double standard, string description, double least, double most) => new(name)
        {
            Description = description,
            HelpName = "x",
            DefaultValueFactory = _ => standard,
            CustomParser =
                result => Lower(result) == word ? double.NaN : ParseNumber(result, name, least, most, above: false),
        };

    public static Option<string> Choice(string name, string standard, string description, params string[] choices) =>
        Choice(name, standard, description, choices, []);

    /// <summary>Same as the other overload, but other words for the choices are accepted as well.</summary>
    public static Option<string> Choice(
        string name, string standard, string description, string[] choices, Dictionary<string, string> synonyms) =>
        new(name)
        {
            Description = $"{description}: {string.Join(", ", choices)}.",
            HelpName = "name",
            DefaultValueFactory = _ => standard,
            CustomParser = result => Chosen(Text(result), choices) ?? (Chosen(Text(result), synonyms.Keys) is { } word
                ? synonyms[word]
                : WrongChoice(result, name, choices)),
        };

    /// <summary>A switch that has a word for each side: on or off.</summary>
    public static Option<string> OnOff(string name, bool standard, string description) => new(name)
    {
        Description = $"{description}: on, off.",
        HelpName = "on|off",
        DefaultValueFactory = _ => standard ? On : Off,
        CustomParser = result => Text(result).ToLowerInvariant() switch
        {
            On or "true" => On,
            Off or "false" => Off,
            _ => Wrong<string>(result, name, "on or off")!,
        },
    };

    /// <summary>The sides of <see cref="OnOff"/>.</summary>
    public const string On = "on", Off = "off";

    public static Option<string?> OptionalPath(string name, string description, string help = "file") =>
        new NullableOption<string?>(name)
        {
            Description = description,
            HelpName = help,
            CustomParser = result => NotEmpty(result, name),
        };

    public static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description };

    public static Option<string> Device(string standard = "auto") => new("--device")
    {
        Description = "Where to compute: auto, cpu, cuda or cuda:n.",
        HelpName = "name",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Lower(result) is "auto" or "cpu" or "cuda" || IsNumbered(Lower(result))
            ? Lower(result)
            : Wrong<string>(result, "--device", "auto, cpu, cuda or cuda:n")!,
    };

    public static Option<Precision?> Precision(string description) => new NullableOption<Precision?>("--precision")
    {
        Description = description,
        HelpName = "name",
        CustomParser = result =>
        {
            var choices = Enum.GetValues<Precision>();
            if (Array.FindIndex(choices, choice => choice.Name() == Lower(result)) is >= 0 and var place)
                return choices[place];
            WrongChoice(result, "--precision", Array.ConvertAll(choices, choice => choice.Name()));
            return null;
        },
    };

    public static Option<int> Threads() => Integer(
        "--threads", 0, "Threads that compute; 0 for all of the machine. Results do not depend on it.", 0, 1024);

    /// <summary>The option of commands that hold a folder's lock.</summary>
    public static Option<bool> TakeOver() =>
        Flag("--take-over", "Where the file system has no locks: replace that of a process on another machine, which "
            + "does not run any more.");

    /// <summary>Threads that read pictures. 0, which elsewhere means that the main thread reads, is one.</summary>
    public static Option<int> Workers()
    {
        var option = Integer(
            "--workers", Math.Min(8, Environment.ProcessorCount),
            "Threads that read pictures. Results do not depend on it.");
        option.CustomParser = result => Math.Max(1, ParseInteger(result, "--workers", 0, 256));
        return option;
    }

    /// <summary>Four numbers separated by commas, <c>3,4,11,3</c>.</summary>
    public static Option<int[]?> FourIntegers(string name, string description) => new NullableOption<int[]?>(name)
    {
        Description = description,
        HelpName = "n,n,n,n",
        CustomParser = result =>
        {
            var parts = Text(result).Split(',');
            var values = new int[parts.Length];
            if (parts.Length != 4)
                return Wrong<int[]>(result, name, "four whole numbers separated by commas, as 3,4,11,3");
            for (var i = 0; i < parts.Length; i++)
            {
                if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out values[i]))
                    return Wrong<int[]>(result, name, "four whole numbers separated by commas, as 3,4,11,3");
            }
            return values;
        },
    };

    /// <summary>The same preparation with the filter that <c>--resize</c> names; "trained" leaves it.</summary>
    public static PicturePreparation Resized(PicturePreparation preparation, string filter) => filter switch
    {
        "trained" => preparation,
        "bicubic" => preparation with { Filter = ResizeFilter.Bicubic },
        _ => preparation with { Filter = ResizeFilter.Bilinear },
    };

    private static bool IsNumbered(string device) =>
        device.StartsWith("cuda:", StringComparison.Ordinal)
        && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static int ParseInteger(ArgumentResult result, string name, int least, int most, string alternative = "")
    {
        var parsed = int.TryParse(
            Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value);
        return parsed && value >= least && value <= most
            ? value
            : Wrong<int>(result, name, "a whole number" + Range(least, most, int.MaxValue, above: false) + alternative);
    }

    private static ulong ParseSeed(ArgumentResult result, string name) =>
        ulong.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : Wrong<ulong>(result, name, "a whole number, 0 or more");

    private static double ParseNumber(ArgumentResult result, string name, double least, double most, bool above)
    {
        var parsed = double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value);
        return parsed && value <= most && (above ? value > least : value >= least)
            ? value
            : Wrong<double>(result, name, "a number" + Range(least, most, double.MaxValue, above));
    }

    private static string Range(double least, double most, double unlimited, bool above) =>
        (least > -unlimited, most < unlimited) switch
        {
            (true, true) => $" from {(above ? "above " : "")}{least} to {most}",
            (true, false) => above ? $" above {least}" : $", {least} or more",
            _ => "",
        };

    private static string? NotEmpty(ArgumentResult result, string name) =>
        string.IsNullOrWhiteSpace(Text(result)) ? Wrong<string>(result, name, "a path") : Text(result);

    /// <summary>
    /// The choice that is meant, regardless of its case and of whether words are joined by - or _; null: none.
    /// </summary>
    private static string? Chosen(string text, IEnumerable<string> choices) =>
        choices.FirstOrDefault(choice => string.Equals(
            choice.Replace('_', '-'), text.Replace('_', '-'), StringComparison.OrdinalIgnoreCase));

    private static string Lower(ArgumentResult result) => Text(result).ToLowerInvariant();

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";

    private static T? Wrong<T>(ArgumentResult result, string name, string expected)
    {
        result.AddError($"{name} '{Text(result)}': give {expected}");
        return default;
    }

    private static string WrongChoice(ArgumentResult result, string name, string[] choices)
    {
        result.AddError($"{name} '{Text(result)}': choose one of "
            + $"{string.Join(", ", choices)}{UsageErrors.DidYouMean(Text(result), choices)}");
        return choices[0];
    }
}
