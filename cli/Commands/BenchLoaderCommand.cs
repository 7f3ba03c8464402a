using System.CommandLine;
using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock bench loader</c>: where the time goes while pictures are loaded.</summary>
internal static class BenchLoaderCommand
{
    private const int Most = 2000; // takes a few seconds

    private const string Manual = """
        Times the loading of a data set's training pictures, at most 2000 of them, without a network: first part by part
        on one thread, then as training loads them, by one thread and by --workers. Medians of --repeats passes; the files
        come from the system's cache, except in the first pass. Mixed pictures (--splice-mix) take time in the second table
        alone, and are not counted in images/s. A GPU that trains more images/s than are loaded waits for its pictures:
        more cores, libjpeg-turbo, smaller files, --scaled-decoding or a pack of pixels ('flixstock data pack --raw') help.
        The last line says what decodes JPEGs here.
        """;

    public static DocumentedCommand Create(Session session)
    {
        var data = new DataOptions(session);
        var size = Options.Integer("--image-size", 224, "Height and width in pixels.", 1, 4096);
        var resize = Options.Choice("--resize", "bilinear", "How pictures are resized", "bilinear", "bicubic");
        var rotate = Options.Flag("--exif-rotate", "Turn pictures as their EXIF orientation says.");
        var augment = RecipeOptions.Augment();
        var splice = RecipeOptions.SpliceMix();
        var repeats = Options.Integer("--repeats", 5, "Passes that are measured.", 1, 10_000);
        var workers = Options.Workers();
        var command = new DocumentedCommand(
            "loader", "Time the parts of loading pictures.", Manual,
            "flixstock bench loader --data garments --augment garments",
            "flixstock bench loader --data coco --image-size 448 --scaled-decoding --workers 8");
        data.AddTo(command);
        foreach (var option in new Option[] { size, resize, rotate, augment, splice, repeats, workers })
            command.Add(option);
        command.SetAction(parsed =>
        {
            var dataset = LoadedData.Load(session, LoadedData.Resolve(session, data.Read(parsed)), "train");
            var preparation = new PicturePreparation(parsed.GetValue(size), ExifRotate: parsed.GetValue(rotate));
            var options = new BatchLoaderOptions
            {
                Preparation = Options.Resized(preparation, parsed.GetValue(resize)!),
                Augmentation = EnumNames.Parse<AugmentationKind>(parsed.GetValue(augment)!, augment.Name),
                SpliceMix = parsed.GetValue(splice),
                Workers = parsed.GetValue(workers),
                CacheBytes = 0,
            };
            Run(session, dataset, options, parsed.GetValue(repeats));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Run(Session session, ImageDataset dataset, BatchLoaderOptions options, int repeats)
    {
        dataset = dataset.WithSamples([.. dataset.Samples.Take(Most)]);
        var threads = new[] { 1, options.Workers }.Distinct().ToList();
        var (times, rates, steps) = (new List<LoadingTimes>(), threads.ConvertAll(_ => new List<double>()), 0);
        for (var pass = 0; pass < repeats; pass++)
        {
            Report("part by part");
            times.Add(LoadingTimes.Of(dataset.Samples, options, session.Cancellation));
            for (var i = 0; i < threads.Count; i++)
            {
                Report($"{threads[i]} threads");
                // The calling thread is the one, so that nothing is handed over.
                rates[i].Add(Rate(session, dataset, options with { Workers = threads[i] == 1 ? 0 : threads[i] }, pass));
            }
        }
        session.Terminal.EndLine();
        var done = dataset.Samples.Count;
        session.Terminal.Table(
            $"{done} pictures of {dataset.Folder} to {RawPixels.Describe(options.Preparation)}, one thread",
            ["part", "us a picture", "share"], Parts(times, done));
        session.Terminal.Table(
            "As training loads them", ["threads", "images/s", "slowest", "fastest"],
            threads.Select((count, i) => BenchCommand.Row($"{count}", rates[i])));
        session.Terminal.Line(TurboJpeg.Note);

        void Report(string what) =>
            session.Terminal.Progress((double)steps++ / (repeats * (1 + threads.Count)), () => what);
    }

    private static IEnumerable<string[]> Parts(List<LoadingTimes> times, int pictures)
    {
        var middle = times.OrderBy(pass => pass.Whole).ElementAt(times.Count / 2);
        string[] Row(string name, TimeSpan time) =>
            [name, $"{time.TotalMicroseconds / pictures:0}", $"{time / middle.Whole:P0}"];
        return
        [
            Row("reading the file", middle.Reading), Row("decoding", middle.Decoding),
            Row("resizing", middle.Resizing), Row("augmenting", middle.Augmenting), Row("all", middle.Whole),
        ];
    }

    private static double Rate(Session session, ImageDataset dataset, BatchLoaderOptions options, int epoch)
    {
        using var loader = new BatchLoader(dataset.Samples, dataset.Attributes.ClassCount, options);
        var watch = Stopwatch.StartNew();
        loader.StartEpoch(epoch);
        while (loader.TryNext(out var batch, session.Cancellation))
            loader.Return(batch);
        return dataset.Samples.Count / watch.Elapsed.TotalSeconds;
    }
}
