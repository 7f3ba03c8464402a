using Flixstock.Engine;
using Flixstock.Samples.CustomNetwork;

// train/ and val/ of a data set, each with a folder of pictures for every class, and a folder for the run.
var (data, folder) = (new DatasetSource(args[0]), args[1]);

// Checkpoints and runs name their network and loss; these say what the names mean.
NetworkCatalog.Add(new SkipFamily());
LossCatalog.Add(SmoothedLossDescription.LossName, SmoothedLossDescription.FromJson);

using var backend = Backend.Cpu();
GradientCheck.Run(backend, new Swish("swish"), new Shape(2, 3, 3, 5)).ThrowIfFailed();

var (training, validation) = (data.Load("train"), data.Load("val"));
var options = new TrainerOptions
{
    ModelName = "skip_cnn",
    CustomLoss = new SmoothedLossDescription(Smoothing: 0.1f),
    ImageSize = 32,
    BatchSize = 8,
    Epochs = 4,
    LearningRate = 5e-3,
};

// The first epoch, then the rest from the run's state, as after an interruption.
var first = options with { StopEpoch = 1 };
var begun = TrainingRun.Create(folder, overwrite: true);
using (var trainer = new Trainer(backend, training, validation, first, begun))
    trainer.Train();
var run = TrainingRun.Open(folder);
using (var trainer = new Trainer(backend, training, validation, options, run, resume: true))
    Console.WriteLine($"best epoch {trainer.Train().BestEpoch}");

using var checkpoint = Checkpoint.Load(run.BestFile);
using var network = checkpoint.Fold(backend);
var (samples, attributes) = (validation.Samples, validation.Attributes);
var pictures = new BatchLoaderOptions { Preparation = new(32) };
using (var loader = new BatchLoader(samples, attributes.ClassCount, pictures))
{
    var scores = NetworkScorer.Logits(network, loader, samples.Count);
    checkpoint.Probabilities.Apply(scores, scores);
    var report = Evaluator.Evaluate(
        scores, validation.AllLabels(), attributes, new EvaluationOptions());
    Console.WriteLine($"mAP {report.MeanAveragePrecision:0.0}");
}
var onnx = new OnnxExportOptions { Preparation = new(32), DynamicBatch = true };
OnnxExporter.Export(Path.Combine(folder, "model.onnx"), checkpoint, onnx);
