using System.CommandLine;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Options that check their text while it is parsed, so that a wrong number is one line and never an exception.</summary>
internal static class Options
{
    public static Option<int> Integer(string name, int defaultValue, string description, int minimum = int.MinValue) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= minimum)
                return value;
            result.AddError(minimum == int.MinValue
                ? $"{name} '{result.Tokens[0].Value}': give a whole number"
                : $"{name} '{result.Tokens[0].Value}': give a whole number of at least {minimum}");
            return defaultValue;
        },
    };

    public static Option<double> Number(string name, double defaultValue, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
                return value;
            result.AddError($"{name} '{result.Tokens[0].Value}': give a number");
            return defaultValue;
        },
    };

    public static Option<string?> Text(string name, string description) => new(name) { Description = description };

    public static Option<string> Required(string name, string description) => new(name) { Description = description, Required = true };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<string> Choice(string name, string defaultValue, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    public static Option<int> Threads() => Integer("--threads", 0, "threads that compute; 0 takes all cores. Results do not depend on it", 0);

    public static Option<string> Device() => new("--device") { Description = "auto, cpu, cuda or cuda:N", DefaultValueFactory = _ => "auto" };

    /// <summary>The backend that <c>--device</c> names.</summary>
    public static Backend Open(string device, int threads)
    {
        if (device is "auto" or "cpu")
            return Backend.Cpu(threads);
        throw device.StartsWith("cuda", StringComparison.Ordinal)
            ? new EngineException($"--device {device}: this version has no CUDA device; use --device cpu")
            : new InputException($"--device '{device}': use auto, cpu, cuda or cuda:N");
    }
}
