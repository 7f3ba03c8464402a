using System.CommandLine;
using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock bench</c>: how fast this machine trains, predicts and loads pictures.</summary>
internal static class BenchCommand
{
    private const string Manual = """
        Times a training step, a forward pass of one picture and of a batch and, with --data, the loading of a data set's
        training pictures on this machine: medians of --repeats steps, with their range. Weights are random and pictures
        noise, so nothing else is needed. Loading is decoding, turning and resizing by --workers threads, without a
        network; a training that is faster waits for its pictures. 'flixstock bench loader' says where its time goes.
        """;

    public static Command Create(Session session)
    {
        var network = Options.Network();
        var size = Options.Integer("--image-size", 224, "Height and width in pixels.", 1, 4096);
        var batch = Options.Integer("--batch-size", 8, "Pictures of a step.", 1, 65536);
        var repeats = Options.Integer("--repeats", 5, "Steps that are measured.", 1, 10_000);
        var data = Options.OptionalPath("--data", "A data set: also time the loading of its pictures.", "folder");
        var workers = Options.Workers();
        var device = new DeviceOptions(training: true);
        var command = new DocumentedCommand(
            "bench", "Time training, inference and loading on this machine.", Manual, "flixstock bench",
            "flixstock bench --data garments --workers 4",
            "flixstock bench --device cuda --precision bf16 --batch-size 256")
        {
            network, size, batch, repeats, data, workers, BenchLoaderCommand.Create(session),
        };
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            var (pixels, pictures) = (parsed.GetValue(size), parsed.GetValue(batch));
            var model = NetworkCatalog.Describe(parsed.GetValue(network)!, Workload.Classes);
            model.ImageSizes.Require(pixels, pixels);
            var loaded = parsed.GetValue(data) is { } folder ? Load(session, folder) : null;
            var backend = session.Open(device.Read(parsed));
            var work = new Workload(backend, model, pixels, parsed.GetValue(repeats))
            {
                Cancellation = session.Cancellation,
            };
            var rows = new List<string[]>();
            void Time(string name, int count, Func<double[]> seconds)
            {
                session.Terminal.Progress(rows.Count / 4.0, () => name);
                rows.Add(Row(name, seconds().Select(one => count / one)));
            }
            foreach (var count in new[] { 1, pictures }.Distinct())
                Time($"inference, batch {count}", count, () => work.Inference(count).Seconds);
            Time($"training, batch {pictures}", pictures, () => work.Training(pictures).Seconds);
            if (loaded is not null)
            {
                var loading = new BatchLoaderOptions
                {
                    BatchSize = pictures,
                    Preparation = new(pixels),
                    Workers = parsed.GetValue(workers),
                    CacheBytes = 0,
                };
                Time($"loading, {loading.Workers} workers", 1, () => Loading(session, loaded, loading));
            }
            session.Terminal.EndLine();
            session.Terminal.Table(
                $"{model.Name} at {pixels} x {pixels} on {backend.Device.Name}, {backend.PrecisionName}",
                ["work", "images/s", "slowest", "fastest"], rows);
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>A line of a table: the median of some rates, the lowest and the highest.</summary>
    public static string[] Row(string name, IEnumerable<double> rates)
    {
        var sorted = rates.Order().ToArray();
        return [name, $"{sorted[sorted.Length / 2]:0.0}", $"{sorted[0]:0.0}", $"{sorted[^1]:0.0}"];
    }

    private static ImageDataset Load(Session session, string data)
    {
        var source = new DatasetSource(data) { Cancellation = session.Cancellation };
        return LoadedData.Load(session, LoadedData.Resolve(session, source), "train");
    }

    // Seconds of a picture, of three passes over at most as many pictures as take a few seconds.
    private static double[] Loading(Session session, ImageDataset dataset, BatchLoaderOptions options)
    {
        const int Passes = 3, Most = 2000;
        var samples = dataset.Samples.Take(Most).ToList();
        using var loader = new BatchLoader(samples, dataset.Attributes.ClassCount, options);
        var seconds = new double[Passes];
        for (var pass = 0; pass < Passes; pass++)
        {
            var watch = Stopwatch.StartNew();
            loader.StartEpoch(pass + 1);
            while (loader.TryNext(out var batch, session.Cancellation))
                loader.Return(batch);
            seconds[pass] = watch.Elapsed.TotalSeconds / samples.Count;
        }
        return seconds;
    }
}
