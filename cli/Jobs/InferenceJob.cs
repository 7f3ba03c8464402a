using System.Text;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Options of labelling pictures.</summary>
/// <param name="Predictor">The model.</param>
/// <param name="Json">True for JSON instead of a table.</param>
/// <param name="SavePictures">Folder for pictures with labels drawn on, or null.</param>
internal sealed record InferRequest(Predictor Predictor, bool Json, string? SavePictures)
{
    /// <summary>
    /// Folder for pictures that show where the network saw each label, or null; the predictor explains then.
    /// </summary>
    public string? Explain { get; init; }

    /// <summary>
    /// This many pictures may be unreadable without the command failing; the others are labelled in any case.
    /// </summary>
    public int SkipBad { get; init; }

    /// <summary>Threads that read pictures, and the most pictures that are in memory at a time.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}

/// <summary>Results of many pictures.</summary>
/// <param name="Predictions">[pictures] null if the picture cannot be read.</param>
/// <param name="Failures">Why pictures could not be read, by index.</param>
internal sealed record Labelled(Prediction?[] Predictions, IReadOnlyDictionary<int, PictureException> Failures)
{
    /// <summary>
    /// From a list with an entry for each picture, the entries of pictures that were read, with their labels.
    /// </summary>
    public IEnumerable<(T Item, Prediction Prediction)> Read<T>(IEnumerable<T> items) =>
        items.Zip(Predictions).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!));
}

/// <summary>Labels many pictures and prints, draws or writes the result.</summary>
internal static class InferenceJob
{
    private const int Chunk = 32;
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static int Pictures(Session session, InferRequest request, IReadOnlyList<string> files)
    {
        var kinds = DrawnPictures.Asked(request);
        foreach (var kind in kinds)
            kind.RequireFree(files);
        // Every folder is tried before the work.
        var labelled = kinds.Aggregate(
            () => Predict(session, request, files),
            (work, kind) => () => OutputFolder.Use(kind.Folder, kind.Option, work))();
        foreach (var kind in kinds)
            kind.Save(session, request, files, labelled);
        if (request.Json)
        {
            session.Terminal.Json(ToJson(request.Predictor.Attributes, files, labelled));
        }
        else
        {
            PredictionPages.Print(
                session.Terminal, request.Predictor.Attributes, [.. labelled.Read(ShownNames.Of(files))]);
        }
        return Conclude(session, request, labelled);
    }

    public static int AllValidation(Session session, InferRequest request, MatchedData data, string output)
    {
        Files.RequireNoFolder(Path.Combine(output, "attributes_val_inference.csv"), "--out");
        var labelled = OutputFolder.Use(output, "--out", () => Predict(session, request, data.Own.Samples));
        data = data.Without(labelled.Failures.ToDictionary(
            one => one.Key, one => new BadPicture("", data.Own.Samples[one.Key].File, one.Value.Problem)));
        Prediction[] predictions = [.. labelled.Predictions.OfType<Prediction>()];
        var file = Path.Combine(output, "attributes_val_inference.csv");
        Files.WriteAtomically(file, data.Own.Attributes.Independent ? ClassTable.Format(data.Dataset, predictions)
            : ReferenceTable(request.Predictor.Attributes, data, predictions));
        session.Terminal.Line($"{predictions.Length} pictures labelled, written: {file}");
        return Conclude(session, request, labelled);
    }

    /// <summary>
    /// Files as given; for folders the pictures in them and below, by name. What was not read there is noted.
    /// </summary>
    public static List<string> Expand(Session session, IEnumerable<string> named)
    {
        var files = new List<string>();
        foreach (var path in named)
        {
            if (!Directory.Exists(path))
            {
                files.Add(
                    File.Exists(path) ? path : throw new InputException($"{path}: there is no such picture or folder"));
                continue;
            }
            var (pictures, others) = PassedOver.In(path, session.Cancellation);
            foreach (var line in others.Lines(session.Verbose))
                session.Note(Terminal.OneLine($"{path}: {line}"));
            if (pictures.Count == 0)
            {
                throw new InputException($"{path}: there are no pictures in this folder; put files there of a kind "
                    + $"that is read ({PictureNames.Kinds})");
            }
            files.AddRange(pictures.Select(file => Path.Combine(path, file)));
        }
        return files;
    }

    public static Labelled Predict(Session session, InferRequest request, IReadOnlyList<string> files) =>
        Predict(session, request, [.. files.Select(file => SampleOf(session, file))]);

    private static Labelled Predict(Session session, InferRequest request, IReadOnlyList<Sample> files)
    {
        var predictions = new Prediction?[files.Count];
        var failures = new SortedDictionary<int, PictureException>();
        var speed = new ProgressSpeed();
        var bytes = request.Predictor.Preparation.ImageSize * request.Predictor.Preparation.ImageSize * 3;
        var pixels = new byte[Math.Min(Chunk, files.Count) * bytes];
        for (var first = 0; first < files.Count; first += Chunk)
        {
            var done = Math.Min(first + Chunk, files.Count);
            var good = ReadChunk(
                session, request, [.. files.Take(first..done)], pixels,
                (i, failure) => failures.Add(first + i, failure));
            var found = request.Predictor.Predict(pixels.AsSpan(0, good.Count * bytes), session.Cancellation);
            for (var i = 0; i < good.Count; i++)
                predictions[first + good[i]] = found[i];
            if (files.Count > Chunk && !request.Json)
            {
                session.Terminal.Progress(
                    (double)done / files.Count,
                    () => speed.Text("", done, files.Count, "images/s", $"{done} of {files.Count} pictures"));
            }
        }
        session.Terminal.EndLine();
        return failures.Count < files.Count ? new Labelled(predictions, failures) : throw NothingRead(failures.Values);
    }

    // A worker holds a picture only until it is of the network's size. Those that can be read lie one after the other.
    private static List<int> ReadChunk(
        Session session, InferRequest request, Sample[] files, byte[] pixels, Action<int, PictureException> failed)
    {
        var bytes = request.Predictor.Preparation.ImageSize * request.Predictor.Preparation.ImageSize * 3;
        var failures = new PictureException?[files.Length];
        PictureWorkers.Run(
            files.Length, request.Workers,
            i => failures[i] = TryRead(files[i], request, pixels.AsMemory(i * bytes, bytes)), session.Cancellation);
        var good = new List<int>();
        for (var i = 0; i < files.Length; i++)
        {
            if (failures[i] is { } failure)
            {
                failed(i, failure);
                continue;
            }
            pixels.AsSpan(i * bytes, bytes).CopyTo(pixels.AsSpan(good.Count * bytes));
            good.Add(i);
        }
        return good;
    }

    private static InputException NothingRead(IReadOnlyCollection<PictureException> failures) => failures
        .First() is var first && failures.Count == 1
        ? first
        : new InputException(
            $"none of the {failures.Count} pictures can be read: "
                + $"{BadPicture.Describe([.. failures.Select(one => new BadPicture("", one.Picture, one.Problem))])}",
            first);

    /// <summary>Names the pictures that could not be read; the exit code.</summary>
    public static int Conclude(Session session, InferRequest request, Labelled labelled)
    {
        foreach (var failure in labelled.Failures.Values)
            session.Complain($"not labelled: {Advice.Of(failure)}");
        if (labelled.Failures.Count <= request.SkipBad)
            return CommandLine.Done;
        session.Complain($"error: {labelled.Failures.Count} of {labelled.Predictions.Length} pictures cannot be read "
            + $"and are not labelled; the others are");
        return CommandLine.MachineFailed;
    }

    private static PictureException? TryRead(Sample file, InferRequest request, Memory<byte> pixels)
    {
        try
        {
            RequireSize(file, file.Prepare(request.Predictor.Preparation, pixels));
            return null;
        }
        catch (PictureException e)
        {
            return e;
        }
    }

    /// <summary>A picture as the command line names it.</summary>
    public static Sample SampleOf(Session session, string file) =>
        new(Path.GetFileName(file), file, []) { Reading = session.Pictures };

    private static void RequireSize(Sample file, (int Width, int Height) size)
    {
        if (size.Width <= 1 || size.Height <= 1)
        {
            throw new PictureException(
                file.Name, $"the picture is {size.Width} x {size.Height} pixels",
                "nothing can be seen on it, leave it out");
        }
    }

    private static string ToJson(AttributeTable attributes, IReadOnlyList<string> files, Labelled labelled) =>
        JsonSerializer.Serialize(
            files.Select((file, i) => labelled.Predictions[i] is { } prediction
                ? Entry(attributes, file, prediction)
                : FailedEntry(file, labelled.Failures[i])),
            Indented);

    /// <summary>The JSON entry for a picture that cannot be read.</summary>
    public static object FailedEntry(string file, PictureException failure) =>
        new { picture = file, error = failure.Problem };

    private static object Entry(AttributeTable attributes, string file, Prediction prediction) => new
    {
        picture = file,
        labels = prediction.Labels.Select((label, i) => Entry(label, prediction.Maps?.ElementAtOrDefault(i))),
        probabilities = prediction.Probabilities
            .Select((value, k) => KeyValuePair.Create(attributes.ClassNames[k], value)).ToDictionary(),
    };

    // The highest place of a label's map: only with maps, so that the entry is otherwise as it always was.
    private static object Entry(PredictedLabel label, ActivationMap? map) => map is null
        ? new
        {
            attribute = label.Attribute,
            label = label.Label,
            classIndex = label.ClassIndex,
            confidence = label.Confidence,
            aboveThreshold = label.AboveThreshold,
        }
        : new
        {
            attribute = label.Attribute,
            label = label.Label,
            classIndex = label.ClassIndex,
            confidence = label.Confidence,
            aboveThreshold = label.AboveThreshold,
            peak = map.Peak is { } peak ? new { x = peak.X, y = peak.Y } : null,
        };

    // The reference writes labels as pandas does: 6.0, and nothing if unknown.
    // Numbers of classes are the data set's, like those that it has in its label file.
    private static string ReferenceTable(AttributeTable model, MatchedData data, Prediction[] predictions)
    {
        var dataset = data.Own;
        var groups = dataset.Attributes.Groups;
        var text = new StringBuilder("filename");
        text.AppendJoin("", groups.Select(group => $",{CsvCell.Of(group.Column)}"))
            .AppendJoin("", groups.Select(group => $",{CsvCell.Of($"Predicted {group.Name} Type")}")).Append('\n');
        for (var i = 0; i < predictions.Length; i++)
        {
            var sample = dataset.Samples[i];
            text.Append(CsvCell.Of(sample.File));
            for (var group = 0; group < groups.Count; group++)
            {
                text.Append(',')
                    .Append(dataset.Attributes.ClassOf(sample.Labels, group) is var known and >= 0 ? $"{known}.0" : "");
            }
            text.AppendJoin("", Likeliest(model, data, predictions[i]).Select(k => $",{k}")).Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<int> Likeliest(AttributeTable model, MatchedData data, Prediction prediction)
    {
        var attributes = data.Own.Attributes;
        if (data.Match.SameOrder && model.Groups.Select(group => group.Classes)
            .SequenceEqual(attributes.Groups.Select(group => group.Classes)))
        {
            return prediction.Labels.Select(label => label.ClassIndex);
        }

        var probabilities = data.Match.ToData(prediction.Probabilities);
        return attributes.Groups.Select((group, i) =>
        {
            var own = probabilities.AsSpan(attributes.Offset(i), group.Classes);
            return own.IndexOf(own.ToArray().Max());
        });
    }
}
