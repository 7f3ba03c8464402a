using System.CommandLine;

namespace Flixstock.Cli;

/// <summary>
/// What each option is about: the order in which the help lists them.
/// An option that is missing here is listed last; a test finds it.
/// </summary>
internal static class OptionGroups
{
    /// <summary>Title of the group of those that are in no other group.</summary>
    public const string Other = "Other";

    private static readonly (string Title, string Names)[] Groups =
    [
        ("Data", "--data --dataset-type --skip-missing --classes-by-position --pic-path --all-val "
            + "--split --fold --files --task --count --size --grid --cell-size --empty --seed --masks --stratified "
            + "--skip-bad --no-check --no-augment "
            + "--raw --exif-rotate --resize --shard-size --tiny --type --param --simulate-partial-type "
            + "--simulate-partial-param --simulate-partial-seed --balance --balance-threshold --augment "
            + "--splice-mix "
            + "--max-pixels --scaled-decoding --workers"),
        ("Model", "--weights --model-name --layers --width --bottleneck-head --head --boost --decoder-queries "
            + "--decoder-width --decoder-dropout --image-size"),
        ("Loss", "--loss --pseudo-labels --self-labels --cap-positives --cap-negatives --cap-warmup "
            + "--loss-preset --loss-constants --label-smoothing --partial-loss-mode "
            + "--gamma-pos --gamma-neg --gamma-unann --alpha-pos --alpha-neg --alpha-unann --clip --likelihood-topk "
            + "--prior-path "
            + "--prior-threshold --count-ignored"),
        ("Schedule", "--from --to --steps --two-stage --epochs --stop-epoch --batch-size --lr --schedule "
            + "--warmup-steps --optimizer --weight-decay --clip-gradient --grad-accum-steps --freeze "
            + "--body-lr-factor --ema-decay --ema-warmup --best-by --patience --on-nan --config --resume "
            + "--save-every --keep"),
        ("Predictions", "--thre --th --top-k --flip --class-description-path --confidence --bootstrap --shrink "
            + "--reference-metrics"),
        ("What to measure", "--train --infer --by --kernel --warmup --repeats --check --tolerance"),
        ("ONNX", "--opset --dynamic-batch --uint8-input --preprocess --fp16 --verify"),
        ("Device", "--device --precision --threads --exact --deterministic --no-graph --nvtx --kernels"),
        ("Output", "--out --watch --port --log-histograms --log-pictures --mlflow --mlflow-experiment "
            + "--in-place --overwrite --take-over --copy --json --trace --csv --chart --report "
            + "--save-pictures --sheets --explain "
            + "--pictures --names --strict --searched --write-ptx"),
        ("General", "--quiet --raw-csv --verbose --help --version"),
    ];

    /// <summary>The options of a command and those that it inherits.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>()
            .SelectMany(parent => OptionsOf(parent).Where(option => option.Recursive)));

    /// <summary>The visible options of a command and those it inherits, by group.</summary>
    public static IEnumerable<(string Title, IReadOnlyList<Option> Options)> Of(Command command)
    {
        var visible = OptionsOf(command).Where(option => !option.Hidden).ToList();
        foreach (var (title, names) in Groups)
        {
            var options = names.Split(' ').SelectMany(name => visible.Where(option => option.Name == name)).ToList();
            if (options.Count > 0)
                yield return (title, options);
        }
        var others = visible
            .Where(option => !Groups.Any(group => group.Names.Split(' ').Contains(option.Name))).ToList();
        if (others.Count > 0)
            yield return (Other, others);
    }
}
