namespace Flixstock.Survival;

/// <summary>Everything that writes, as it is killed.</summary>
internal static class Scenarios
{
    private const string Grid = """
        {
          "seeds": [1], "simulations": ["rps 0.5"],
          "train": { "layers": [1, 1, 1, 1], "width": 0.25, "image-size": 32, "batch-size": 8, "epochs": 1 },
          "methods": [
            { "name": "Negative", "train": { "partial-loss-mode": "negative" } },
            { "name": "Selective", "train": { "partial-loss-mode": "selective" }, "twoStage": { "gamma-neg": 0 } }
          ]
        }
        """;

    /// <summary>Those that <c>--only</c> leaves: <c>train: before ...</c> names one point of one command.</summary>
    public static IEnumerable<Scenario> Chosen(World world)
    {
        var only = world.Options.Only;
        return All(world).Where(scenario => !only.Contains(':', StringComparison.Ordinal)
            || only.StartsWith(scenario.Name + ":", StringComparison.Ordinal));
    }

    /// <summary>Every command that writes.</summary>
    public static IEnumerable<Scenario> All(World world)
    {
        string[] train = world.Train(), resume = world.Resume();
        string[] twoStage = world.Train("--two-stage"), resumeTwo = world.Resume("--two-stage");
        yield return new("train", train, resume, train);
        yield return new(
            "train --overwrite", world.Train("--overwrite", "--seed", "2"), world.Train("--overwrite", "--seed", "2"))
        {
            Before = w => Kept(w, "run", train),
            Replaces = true,
        };
        yield return new("train --resume", world.ResumeStopped(), world.ResumeStopped()) { Before = StoppedRun };
        yield return new("train --two-stage", twoStage, resumeTwo, twoStage);
        yield return new(
            "train --two-stage --overwrite", world.Train("--two-stage", "--overwrite", "--seed", "2"),
            world.Train("--two-stage", "--overwrite", "--seed", "2"))
        {
            Before = w => Kept(w, "two-stage", twoStage),
            Replaces = true,
        };
        yield return Experiment(world);
        foreach (var scenario in DataSets(world).Concat(Models(world)))
            yield return scenario;
    }

    private static Scenario Experiment(World world)
    {
        string[] command =
        [
            "experiment", world.In("grid.json"), "--data", world.Data, "--out", world.In("now", "grid"), "-q",
        ];
        return new("experiment", command, command) { Before = w => Write(w, "grid.json", Grid) };
    }

    private static IEnumerable<Scenario> DataSets(World world)
    {
        var data = world.In("now", "data");
        string[] split = ["split", "--data", data, "-q"], again = [.. split, "--overwrite"],
            reader = ["data", "show", "--data", data, "-q"];
        yield return new("split", split, split, again) { Before = w => Few(w, divided: false), Reader = reader };
        yield return new("split --overwrite", [.. again, "--seed", "5"], [.. again, "--seed", "5"])
        {
            Before = w => Few(w, divided: true),
            Replaces = true,
            Reader = reader,
        };
        string[] draw = ["synth", "--out", data, "--count", "24", "--size", "32", "-q"];
        yield return new(
            "synth --overwrite", [.. draw, "--seed", "2", "--overwrite"], [.. draw, "--seed", "2", "--overwrite"])
        {
            Before = w => Kept(w, "drawn", draw),
            Replaces = true,
        };
        string[] hide =
        [
            "data", "simulate", "--data", world.Data, "--out", data, "--type", "rps", "--param", "0.5", "-q",
        ];
        yield return new(
            "data simulate --overwrite", [.. hide, "--seed", "2", "--overwrite"],
            [.. hide, "--seed", "2", "--overwrite"])
        {
            Before = w => Kept(w, "hidden", hide),
            Replaces = true,
        };
        string[] pack = ["data", "pack", "--data", world.Data, "--out", data, "-q"];
        yield return new("data pack", pack, pack);
    }

    private static IEnumerable<Scenario> Models(World world)
    {
        var run = world.In("now", "run");
        var best = Path.Combine(run, "best.safetensors");
        string[] fit = ["thresholds", "--data", world.Data, "--weights", best, "--in-place", "-q"];
        yield return new("thresholds --in-place", fit, fit)
        {
            Before = w => Kept(w, "run", w.Train()),
            Replaces = true,
        };
        string[] export = ["export", "--weights", best, "--out", Path.Combine(run, "model.onnx"), "-q"];
        yield return new("export over an older file", [.. export, "--dynamic-batch"], [.. export, "--dynamic-batch"])
        {
            Before = w => Kept(w, "exported", w.Train(), export),
            Replaces = true,
        };
        string[] convert = ["weights", "convert", best, Path.Combine(run, "model.pth"), "-q"];
        yield return new(
            "weights convert over an older file", [.. convert, "--names", "timm"], [.. convert, "--names", "timm"])
        {
            Before = w => Kept(w, "converted", w.Train(), convert),
            Replaces = true,
        };
        string[] Prior(string weights) =>
            ["prior", "--data", world.Data, "--weights", weights, "--out", Path.Combine(run, "estimated.csv"), "-q"];
        yield return new("prior over an older file", Prior(best), Prior(best))
        {
            Before = w => Kept(
                w, "estimated", w.Train(), Prior(best.Replace("best", "average", StringComparison.Ordinal))),
            Replaces = true,
        };
        string[] Review(string weights) =>
            [
                "review", "--data", world.Data, "--weights", weights, "--confidence", "0.5",
                "--out", Path.Combine(run, "review"), "-q",
            ];
        yield return new("review over an older list", Review(best), Review(best))
        {
            Before = w => Kept(
                w, "reviewed", w.Train(), Review(best.Replace("best", "average", StringComparison.Ordinal))),
            Replaces = true,
        };
    }

    /// <summary><c>now</c> as these commands leave it; they run once.</summary>
    public static async Task Kept(World world, string name, params string[][] commands)
    {
        if (!world.IsKept(name))
        {
            world.Clear();
            foreach (var command in commands)
                await world.Must(command);
            world.Keep(name);
        }
        world.Take(name);
    }

    /// <summary>A run that was stopped after its first epoch; <see cref="World.ResumeStopped"/> continues it.</summary>
    public static Task StoppedRun(World world) => Kept(world, "stopped", world.Train("--stop-epoch", "1"));

    private static async Task Few(World world, bool divided)
    {
        var data = world.In("now", "data");
        string[] draw = ["synth", "--out", data, "--count", "24", "--size", "32", "-q"];
        await (divided ? Kept(world, "divided", draw, ["split", "--data", data, "-q"]) : Kept(world, "drawn", draw));
    }

    private static async Task Write(World world, string name, string text)
    {
        await File.WriteAllTextAsync(world.In(name), text);
        world.Clear();
    }
}
