using System.Diagnostics;
using System.Net;
using System.Text;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>
/// What those that listen to a training cost it: a step for the run's files and for a tracking server, an epoch for
/// histograms of tresnet_m's weights and for annotated pictures. <c>Flixstock.Bench observers [PICTURE...]</c>
/// </summary>
internal static class ObserversBench
{
    private const int Steps = 3000, Rounds = 3;

    /// <summary>Measures and prints lines.</summary>
    /// <param name="pictures">Pictures to annotate; without any there is no line about them.</param>
    /// <param name="output">Receives the lines.</param>
    public static int Run(string[] pictures, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-observers-");
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                var start = new TrainingStart(
                    TrainingRun.Create(Path.Combine(folder.FullName, $"{round}")),
                    new TrainerOptions { Epochs = 1 }, Steps, 0, [], 168);
                output.WriteLine($"steps.csv and event file: {Files(start):0.0} us a step");
                output.WriteLine($"queue of the tracking server: {Queue():0.00} us a step");
            }
            Histograms(output);
            if (pictures.Length > 0)
                Pictures(pictures, output);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static StepReport Report(int step) => new(step, 1, 27.5f / step, 0.33 / step, 1e-3 / step);

    private static double Files(TrainingStart start)
    {
        ITrainingObserver[] files = [new StepsFile(), new EventsFile()];
        foreach (var file in files)
            file.Begin(start);
        var watch = Stopwatch.StartNew();
        for (var step = 1; step <= Steps; step++)
        {
            foreach (var file in files)
                file.Step(Report(step));
        }
        foreach (var file in files)
            file.End(failure: null);
        return watch.Elapsed.TotalMicroseconds / Steps;
    }

    // While another thread sends it to a server that answers at once.
    private static double Queue()
    {
        using var client = new MlflowClient(MlflowServer.At("http://localhost"), new Answers());
        using var sender = new MlflowSender(client, "run", (_, _) => { }, TimeProvider.System);
        sender.Start();
        var watch = Stopwatch.StartNew();
        for (var step = 1; step <= Steps; step++)
        {
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            sender.Add(new MlflowEntry(now, Report(step), null, 168));
        }
        var queued = watch.Elapsed.TotalMicroseconds / Steps;
        sender.Finish("FINISHED", TimeSpan.FromMinutes(1));
        return queued;
    }

    private static void Histograms(TextWriter output)
    {
        using var backend = Backend.Cpu();
        using var network = new TrainerOptions().Model(AttributeTable.Garments.ClassCount).Create(backend);
        network.Initialize(1);
        var details = new EventDetails(
            () => network.PresentState(network.Buffer.Values, network.BatchesTracked), pictures: null);
        Measure("histograms of tresnet_m", details, output);
    }

    private static void Pictures(string[] pictures, TextWriter output)
    {
        var table = AttributeTable.Garments;
        var data = new ImageDataset(
            table, [.. pictures.Select(path => new Sample(Path.GetFileName(path), path, table.Labels([1, 1, 1])))]);
        var shown = new EventPictures(data, HeadKind.Sigmoid, exifRotate: false);
        shown.Keep(WeightsKind.Plain, new float[pictures.Length * table.ClassCount]);
        Measure($"{shown.Chosen.Count} pictures", new EventDetails(weights: null, shown), output);
    }

    private static void Measure(string what, EventDetails details, TextWriter output)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            var bytes = details.Of(new EpochSummary(1, 1, 1, 1, 1, 1, 1, 1, true, 1, 1))
                .Sum(summary => EventRecords.Write(new Event { Step = 1, Summary = summary }).Length);
            var first = round == 0 ? " (the first)" : "";
            output.WriteLine($"{what}: {watch.Elapsed.TotalMilliseconds:0} ms and {bytes / 1e3:n0} kB{first}");
        }
    }

    private sealed class Answers : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            new(HttpStatusCode.OK) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }
}
