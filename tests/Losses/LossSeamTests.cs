using Flixstock.Engine;
using Flixstock.Tests.Devices;
using Flixstock.Tests.Training;

namespace Flixstock.Tests.Losses;

/// <summary>
/// What a loss can ask of a training: the schedule's position, statistics between steps and epochs, soft targets.
/// </summary>
[NonParallelizable]
public sealed class LossSeamTests
{
    private static readonly TrainerOptions Options =
        TinyTraining.Options with { CustomLoss = new Weighted.Description() };

    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-losses").FullName;
        LossCatalog.Add(Weighted.LossName, _ => new Weighted.Description());
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void StatisticsAndPositionAreThoseOfARunThatWasNeverStopped(
        [Values(1, 4)] int stopAfter, [Values] bool asynchronous)
    {
        Train("whole", asynchronous);
        using var cancellation = new CancellationTokenSource();
        Assert.That(
            () => Train("stopped", asynchronous, stopAfter: (stopAfter, cancellation)),
            Throws.InstanceOf<OperationCanceledException>());
        Train("stopped", asynchronous, resume: true);
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors" })
            Assert.That(Bytes("stopped", file), Same.As(Bytes("whole", file)), file);
        using var state = WeightsFile.Read(Path.Combine(_folder, "whole", "state.safetensors"), asStored: true);
        // Nine steps, each adds 1, and each of three epochs ends with 100 more.
        Assert.That(state.State["loss.steps"].ToFloats(), Is.EqualTo(new[] { 309f }));
    }

    [Test]
    public void WithoutTheStatisticTheBytesWouldDiffer()
    {
        Train("whole", asynchronous: false);
        Train("plain", asynchronous: false, options: TinyTraining.Options);
        Assert.That(Bytes("plain", "last.safetensors"), Same.Not(Bytes("whole", "last.safetensors")));
    }

    [Test]
    public void SoftTargetsReachTheLoss()
    {
        var data = TinyTraining.Pictures(_folder);
        var soft = data.WithSamples([.. data.Samples.Select(sample => sample with
        {
            SoftLabels = [.. sample.Labels.ToArray().Select(label => label < 0 ? -1f : label * 0.5f + 0.25f)],
        })]);
        Train("hard", asynchronous: false);
        Train("soft", asynchronous: false, training: soft);
        Assert.That(Bytes("soft", "last.safetensors"), Same.Not(Bytes("hard", "last.safetensors")));
        Assert.That(() => Train("refused", asynchronous: false, training: soft, options: TinyTraining.Options),
            Throws.TypeOf<InputException>().With.Message.Contains("soft targets"));
    }

    [Test]
    public void WhatCouplesPicturesSaysSo()
    {
        using var backend = Backend.Cpu(1);
        Assert.That(new SelectiveLoss(backend).CouplesPictures, Is.True, "top-k ranks the batch");
        Assert.That(
            new SelectiveLoss(backend, SelectiveLossOptions.Default with { LikelihoodTopK = 0 }).CouplesPictures,
            Is.False);
        Assert.That(new GroupedSoftmaxLoss(backend, AttributeTable.Garments).CouplesPictures, Is.False);
    }

    [Test]
    public void AReducerSeesTheWholeGradientBeforeTheOptimizer()
    {
        using var backend = Backend.Cpu(1);
        var data = TinyTraining.Pictures(_folder);
        var (plain, doubled) = (Step(backend, data, reducer: null), Step(backend, data, new Doubling()));
        Assert.That(doubled.Gradient, Is.EqualTo(plain.Gradient.Select(value => 2 * value)).And.Some.Not.Zero);
        Assert.That(doubled.Moment, Is.Not.EqualTo(plain.Moment), "the optimizer read what the reducer left");
    }

    private static (float[] Gradient, float[] Moment) Step(
        Backend backend, ImageDataset data, IGradientReducer? reducer)
    {
        using var network = TinyTraining.Options.Model(data.Attributes.ClassCount).Create(backend);
        network.Initialize(1);
        using var loss = new SelectiveLoss(backend);
        var options = TinyTraining.Options.Steps(new OneCycleSchedule(1e-3, 10), 4) with { Reducer = reducer };
        using var step = new TrainingStep(network, loss, options);
        step.Run(NoiseBatch.Of(4, 32, data.Attributes.ClassCount), 1);
        return (
            backend.Device.ToHost<float>(network.Buffer.Gradients),
            step.Adam.SaveState().First(tensor => tensor.Count > 100).ToFloats());
    }

    private void Train(
        string name, bool asynchronous, bool resume = false, TrainerOptions? options = null,
        ImageDataset? training = null, (int Step, CancellationTokenSource Source)? stopAfter = null)
    {
        using Backend backend = asynchronous ? DeviceDouble.Open(1, asynchronous: true) : Backend.Cpu(1);
        var data = TinyTraining.Pictures(_folder);
        var folder = Path.Combine(_folder, name);
        using var trainer = new Trainer(
            backend, training ?? data, data, options ?? Options,
            resume ? TrainingRun.Open(folder) : TrainingRun.Create(folder), resume);
        trainer.Train(new Stopping(stopAfter), stopAfter?.Source.Token ?? default);
    }

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder, run, file));

    private sealed class Stopping((int Step, CancellationTokenSource Source)? at) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (at is { } stop && value.Step == stop.Step && value.Summary is null)
                stop.Source.Cancel();
        }
    }

    private sealed class Doubling : IGradientReducer
    {
        public void Reduce(ParameterBuffer parameters)
        {
            foreach (ref var value in parameters.Gradients.Floats())
                value *= 2;
        }
    }

    /// <summary>Binary cross entropy over (steps so far + step + 10 * epoch): a loss that needs everything.</summary>
    private sealed class Weighted : Loss
    {
        public const string LossName = "weighted_for_tests";
        private readonly Tensor _steps;

        public Weighted(Backend backend)
            : base(backend) => _steps = Own(backend.Device.FromHost([0f], new Shape(1)));

        public override HeadKind Head => HeadKind.Sigmoid;

        public override ElementType LabelType => ElementType.Float32;

        public override bool NeedsPosition => true;

        public override IReadOnlyList<LossStatistic> Statistics => [new("steps", _steps)];

        public override Loss On(Backend backend) => new Weighted(backend);

        public override void EndEpoch(int epoch)
        {
            var value = Backend.Device.ToHost<float>(_steps)[0];
            Backend.Device.CopyFromHost<float>([value + 100], _steps);
        }

        protected override void ComputeCore(LossInput input, LossOutput output)
        {
            Backend.Kernels.Custom(Entropy.Instance, input.Logits, input.Labels, output.Value, output.Gradient);
            Backend.Kernels.Custom(Weight.Instance, input.Position, ReadOnlyTensor.None, output.Gradient, _steps);
        }

        public sealed record Description : ILossDescription
        {
            public string Name => LossName;

            public HeadKind Head => HeadKind.Sigmoid;

            public bool TakesPrior => false;

            public Loss Create(LossContext context) => new Weighted(context.Backend);

            public string ToJson() => "{}";
        }

        private sealed class Entropy() : CustomKernel("Entropy")
        {
            public static Entropy Instance { get; } = new();

            public override void Run(CustomTensors tensors, WorkerThreads? workers)
            {
                var logits = tensors.First.Floats();
                var targets = tensors.Second.Floats();
                var gradient = tensors.SecondOutput.Floats();
                var sum = 0.0;
                for (var i = 0; i < logits.Length; i++)
                {
                    var known = targets[i] >= 0;
                    gradient[i] = known ? (float)(1 / (1 + Math.Exp(-logits[i]))) - targets[i] : 0;
                    sum += known
                        ? Math.Log(1 + Math.Exp(-Math.Abs(logits[i]))) + Math.Max(logits[i], 0)
                            - (targets[i] * logits[i])
                        : 0;
                }
                tensors.Output.Floats()[0] = (float)sum;
            }
        }

        private sealed class Weight() : CustomKernel("Weight")
        {
            public static Weight Instance { get; } = new();

            public override void Run(CustomTensors tensors, WorkerThreads? workers)
            {
                var position = tensors.First.Elements<int>(); // epoch, step
                ref var steps = ref tensors.SecondOutput.Floats()[0];
                foreach (ref var value in tensors.Output.Floats())
                    value *= 1 + (steps + position[1] + (10 * position[0])) / 100;
                steps++;
            }
        }
    }
}
