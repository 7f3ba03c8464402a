using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// The smallest training that has every kind of step: ten pictures make two full batches and a partial one.
/// </summary>
internal static class TinyTraining
{
    public static readonly TrainerOptions Options = new()
    {
        ModelName = "tiny",
        Layers = [1, 1, 1, 1],
        Width = 0.25,
        ImageSize = 32,
        BatchSize = 4,
        Epochs = 3,
        LearningRate = 1e-3,
        Workers = 1,
        Seed = 3,
    };

    /// <summary>
    /// Ten pictures of noise in a folder, some of whose labels are unknown; made if they do not exist.
    /// </summary>
    public static ImageDataset Pictures(string folder)
    {
        var random = new SeededRandom(11);
        var samples = new List<Sample>();
        for (var i = 0; i < 10; i++)
        {
            var path = Path.Combine(folder, $"{i}.png");
            if (!File.Exists(path))
            {
                var pixels = new byte[40 * 30 * 3];
                for (var j = 0; j < pixels.Length; j++)
                    pixels[j] = (byte)random.Next(256);
                PictureWriter.WritePng(path, new RgbPicture(40, 30, pixels));
            }

            samples.Add(
                new Sample($"{i}.png", path, AttributeTable.Garments.Labels([i % 7, i % 4, i % 3 == 0 ? -1 : i % 10])));
        }

        return new ImageDataset(AttributeTable.Garments, samples);
    }

    /// <summary>Trains into a folder, by one thread, or resumes there by two.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="data">Trained on, and validated on.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="resume">Continues the run that lies there.</param>
    /// <param name="stopAfter">Step after which the training is cancelled.</param>
    public static void Train(
        string folder, ImageDataset data, TrainerOptions options, bool resume = false, int stopAfter = int.MaxValue)
    {
        using var backend = Backend.Cpu(resume ? 2 : 1);
        using var trainer = new Trainer(
            backend, data, data, options,
            resume ? TrainingRun.Open(folder) : TrainingRun.Create(folder, overwrite: true), resume);
        using var stop = new CancellationTokenSource();
        var progress = new Immediate(report =>
        {
            if (report.Step == stopAfter)
                stop.Cancel();
        });
        if (stopAfter == int.MaxValue)
            trainer.Train();
        else
            Assert.That(() => trainer.Train(progress, stop.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class Immediate(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
