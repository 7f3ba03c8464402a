using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock infer</c>: labels of pictures.</summary>
internal static class InferCommand
{
    private const string Manual = """
        Prints the likeliest class of every attribute with its probability, for pictures or folders of pictures
        (and folders below them; what is passed over there is noted).
        Pictures that cannot be read are listed, the others labelled; the exit code is 1 then, unless --skip-bad allows it.
        Pictures are resized as in training; --resize bicubic does as the reference's infer does.
        With --dataset-type openimages: at most --top-k classes with a probability above --th, for weights with one list of
        classes; identifiers come from the file, their names from --class-description-path.
        With --all-val: the validation pictures of a data set, as results/attributes_val_inference.csv with the
        reference's columns (of independent classes: what is annotated and what is predicted, by name). Every picture is read before anything is written.
        """;

    private static readonly string[] Examples =
    [
        "flixstock infer --weights run/best.safetensors shirt.jpg",
        "flixstock infer --weights run/best.safetensors photos --save-pictures labelled",
        "flixstock infer --weights run/best.safetensors photos --explain explained",
        "flixstock infer --weights run/best.safetensors --all-val --data garments",
        "flixstock infer --dataset-type openimages --weights mtresnet_opim_86.72.pth --class-description-path "
            + "oidv6-class-descriptions.csv --th 0.97 --top-k 20 picture.jpg",
    ];

    private const string ExplainHelp = "Folder for copies of the pictures that show where the network saw each label "
        + "(Grad-CAM). With --json each label gets the highest place of its map, from 0 (left, top) to 1.";

    private const string ForLists = "for --dataset-type openimages, changes nothing here";

    public static Command Create(Session session)
    {
        var model = new ModelOptions(session);
        var pictures = new Argument<string[]>("pictures")
        {
            Description = "Pictures and folders of pictures.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var alias = Options.OptionalPath(
            "--pic-path", "One more picture or folder (the reference's spelling).", "path");
        var all = Options.Flag("--all-val", "Label the validation pictures of --data.");
        var data = Options.OptionalPath(
            "--data", "Folder of the data set, for --all-val; without it the one here or in a neighbouring folder.",
            "folder");
        var resize = Options.Choice(
            "--resize", "trained", "How pictures are resized", "trained", "bilinear", "bicubic");
        var rotate = Options.Flag("--exif-rotate", "Turn pictures as their EXIF orientation says.");
        var json = Options.Flag("--json", "Print JSON instead of a table.");
        var save = Options.OptionalPath(
            "--save-pictures", "Folder for copies of the pictures with their labels drawn on.", "folder");
        var explain = Options.OptionalPath("--explain", ExplainHelp, "folder");
        var output = Options.OptionalPath("--out", "Folder for the CSV of --all-val; without it: results.", "folder");
        var type = DataOptions.TypeOption(
            "openimages lists classes of pictures; with --all-val, how the data set is laid out");
        var (skip, byPosition) = (DataOptions.SkipOption(), MatchedData.ByPositionOption());
        var skipBad = SkipBad.Option("This many pictures that cannot be read are no failure; without n any number. The "
            + "others are labelled in any case.");
        var descriptions = Options.OptionalPath(
            "--class-description-path", "CSV of names of classes (LabelName,DisplayName), for openimages.");
        var threshold = Options.Number(
            "--th", 0.97, "A class with a higher probability is listed, for openimages.", 0, 1);
        var present = Options.OptionalNumber(
            "--thre",
            "A class with a higher probability counts as present; without it the thresholds that 'flixstock "
                + "thresholds' has stored in the checkpoint.",
            0, 1);
        var top = Options.Integer("--top-k", 20, "At most this many classes are listed, for openimages.", 1, 1_000_000);
        var (flip, workers) = (PictureOptions.Flip(), Options.Workers());
        var reading = new PictureOptions(session);
        var command = new DocumentedCommand(
            "infer", "Predict the labels of pictures.", Manual, Examples)
        {
            pictures, alias, all, data, resize, rotate, json, save, explain, output, type, skip, skipBad, byPosition,
            descriptions, threshold, present, top, flip, workers,
        };
        reading.AddTo(command);
        model.AddTo(command);
        command.SetAction(parsed =>
        {
            var named = Named(parsed.GetValue(pictures), parsed.GetValue(alias));
            var (whole, lists) = (parsed.GetValue(all), parsed.GetValue(type) == "openimages" && !parsed.GetValue(all));
            RefuseNames(whole, named.Length);
            parsed.RefuseAny(
                whole ? [json, save, explain] : [output, skip, byPosition],
                whole ? "--all-val writes a CSV" : "it is for --all-val");
            if (lists)
                parsed.RefuseAny([present, explain], "--dataset-type openimages lists classes above --th");
            else
                parsed.NoteAny(session, [descriptions, threshold, top], ForLists);
            if (!whole)
                parsed.NoteAny(session, [data], "for --all-val, changes nothing here");
            var limits = reading.Read(parsed);
            var backend = model.Open(parsed);
            var files = InferenceJob.Expand(session, named);
            using var checkpoint = model.Load(parsed);
            var preparation = Options.Resized(model.Preparation(parsed, checkpoint), parsed.GetValue(resize)!);
            using var predictor = new Predictor(checkpoint, backend, new PredictorOptions
            {
                Preparation = preparation with { ExifRotate = parsed.GetValue(rotate) || preparation.ExifRotate },
                BatchSize = parsed.GetValue(model.BatchSize),
                Threshold = (float?)parsed.GetValue(present),
                Explains = parsed.GetValue(explain) is not null,
                Flips = parsed.GetValue(flip),
            });
            var request = new InferRequest(predictor, parsed.GetValue(json), parsed.GetValue(save))
            {
                Explain = parsed.GetValue(explain),
                SkipBad = parsed.GetValue(skipBad) ?? 0,
                Workers = parsed.GetValue(workers),
            };
            if (!lists && !request.Json && checkpoint.Calibration is not null)
                NoteThresholds(session, checkpoint, parsed.GetValue(present));
            if (lists)
            {
                var names = parsed.GetValue(descriptions) is { } path ? ClassDescriptions.Read(path) : null;
                var most = new OpenClassesRequest(names, (float)parsed.GetValue(threshold), parsed.GetValue(top));
                return OpenClassesJob.Run(session, request, most, files);
            }
            if (!whole)
                return InferenceJob.Pictures(session, request, files);
            var source = new DatasetSource(
                parsed.GetValue(data) ?? session.Chosen("--data", session.Places.Data()),
                DatasetSource.TypeOf(parsed.GetValue(type)!))
            {
                SkipMissing = parsed.GetValue(skip),
                Pictures = limits,
            };
            var matched = MatchedData.Load(session, checkpoint, source, "val", parsed.GetValue(byPosition));
            return InferenceJob.AllValidation(session, request, matched, parsed.GetValue(output) ?? "results");
        });
        return command;
    }

    private static string[] Named(string[]? pictures, string? more) =>
        [.. pictures ?? [], .. more is null ? [] : new[] { more }];

    private static void RefuseNames(bool whole, int named)
    {
        if (whole && named > 0)
        {
            throw new InputException(
                "--all-val labels the validation pictures of --data: leave the other pictures out, or the option");
        }
        if (!whole && named == 0)
        {
            throw new InputException("infer: give pictures or folders of pictures, as 'flixstock infer shirt.jpg', "
                + "or --all-val for the validation pictures of a data set");
        }
    }

    private static void NoteThresholds(Session session, Checkpoint checkpoint, double? given) => session.Note(
        given is { } number
            ? $"threshold: {number:0.###} for every class, as given"
            : $"thresholds: each class' own, fitted and stored in {checkpoint.Path}; --thre NUMBER takes one for all");
}
