using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Options of training that say how weights follow their gradients, and which do.</summary>
internal sealed class OptimizerOptions
{
    private static readonly Dictionary<string, ScheduleKind> Schedules = new(StringComparer.Ordinal)
    {
        ["one-cycle"] = ScheduleKind.OneCycle,
        ["cosine"] = ScheduleKind.Cosine,
        ["constant"] = ScheduleKind.Constant,
    };

    private readonly Option<string> _optimizer = Options.Choice(
        "--optimizer", "adam", "How weights follow gradients: weight decay as L2 in the gradient, or decoupled from it",
        "adam", "adamw");
    private readonly Option<string> _schedule = Options.Choice(
        "--schedule", "one-cycle", "How the learning rate goes: up and down, down along a cosine, or not at all",
        [.. Schedules.Keys]);
    private readonly Option<int> _warmup = Options.Integer(
        "--warmup-steps", 0, "Steps in which the rate of --schedule cosine or constant rises evenly to --lr.", 0);
    private readonly Option<double?> _clip = Options.OptionalNumber(
        "--clip-gradient", "Greatest norm of the whole gradient; a longer one is shortened to it.", 0, above: true);
    private readonly Option<int?> _accumulation = Options.OptionalInteger(
        "--grad-accum-steps", "Batches whose gradients are summed into one update; without it 1.", 1, 1024);
    private readonly Option<string> _freeze = Options.Choice(
        "--freeze", "none", "What stays as it is in --weights, running statistics too; body: the head alone is trained",
        "none", "body");
    private readonly Option<double?> _bodyFactor = Options.OptionalNumber(
        "--body-lr-factor", "Factor on the learning rate of everything but the head, above 0; without it 1.", 0, 1,
        above: true);

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_optimizer, .. OfSchedule, _clip, _accumulation, _freeze, _bodyFactor];

    /// <summary>Those that mean nothing where the learning rate is chosen otherwise.</summary>
    public IReadOnlyList<Option> OfSchedule => [_schedule, _warmup];

    /// <summary>The given options, and the defaults from elsewhere for the rest.</summary>
    public TrainerOptions Merge(ParseResult parsed, TrainerOptions otherwise)
    {
        T Given<T>(Option<T> option, T value) =>
            parsed.IsGiven(option) ? parsed.GetValue(option)! : value;
        return otherwise with
        {
            Optimizer = EnumNames.Parse<OptimizerKind>(
                Given(_optimizer, otherwise.Optimizer.ToString()), _optimizer.Name),
            Schedule = parsed.IsGiven(_schedule)
                ? Schedules[parsed.GetRequiredValue(_schedule)]
                : otherwise.Schedule,
            WarmupSteps = Given(_warmup, otherwise.WarmupSteps),
            ClipGradient = Given(_clip, otherwise.ClipGradient),
            AccumulationSteps = Given(_accumulation, otherwise.AccumulationSteps) is > 1 and var parts ? parts : null,
            Freeze = EnumNames.Parse<FrozenPart>(Given(_freeze, otherwise.Freeze.ToString()), _freeze.Name),
            BodyLrFactor = Given(_bodyFactor, otherwise.BodyLrFactor),
        };
    }
}
