using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// Runs with label smoothing: resumed to the same bytes, judged without it, and of runs without it nothing changes.
/// </summary>
[NonParallelizable]
public class LabelSmoothingTests
{
    private static readonly TrainerOptions Plain = TinyTraining.Options with
    {
        Epochs = 2,
        Width = 0.0625,
        Head = HeadKind.Grouped,
    };

    private static readonly TrainerOptions Smoothed = Plain with { LabelSmoothing = 0.1 };

    private string _folder = "";
    private ImageDataset _data = null!;

    [OneTimeSetUp]
    public void MakePictures()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-smoothing").FullName;
        _data = TinyTraining.Pictures(_folder);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AStoppedRunGoesOnToTheSameBytes()
    {
        Train("plain", Plain);
        Train("whole", Smoothed);
        Assert.That(Bytes("whole", "last.safetensors"), Same.Not(Bytes("plain", "last.safetensors")));
        Train("stopped", Smoothed, stopAfter: 4);
        Train("stopped", TrainingRun.OptionsIn(Path.Combine(_folder, "stopped"))!, resume: true);
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors" })
            Assert.That(Bytes("stopped", file), Same.As(Bytes("whole", file)), file);
    }

    [Test]
    public void ValidationJudgesWithoutIt()
    {
        using var backend = Backend.Cpu(1);
        using var smoothed = new GroupedSoftmaxLoss(backend, AttributeTable.Garments, 0.5);
        using var plain = new GroupedSoftmaxLoss(backend, AttributeTable.Garments);
        var logits = TestTensors.Random(_data.Samples.Count * AttributeTable.Garments.ClassCount, 5, deviation: 3);
        sbyte[] labels = [.. _data.Samples.SelectMany(sample => sample.Labels.ToArray())];
        double Validated(Loss loss)
        {
            using var validation = new ValidationLoss(loss, Plain, _data.Samples.Count, _data);
            return validation.Of(logits, labels);
        }
        Assert.That(Validated(smoothed), Is.EqualTo(Validated(plain)).And.GreaterThan(0));
        using var elsewhere = smoothed.On(backend);
        Assert.That(Computed(elsewhere), Is.EqualTo(Computed(smoothed)).And.Not.EqualTo(Computed(plain)));

        float Computed(Loss loss)
        {
            var (device, shape) = (backend.Device, new Shape(_data.Samples.Count, AttributeTable.Garments.ClassCount));
            var (value, gradient) = (device.Allocate(new Shape(1)), device.Allocate(shape));
            loss.Compute(
                new LossInput(
                    device.FromHost<float>(logits, shape), device.FromHost<sbyte>(labels, shape, ElementType.Int8),
                    Tensor.None),
                new LossOutput(value, gradient, Tensor.None));
            return device.ToHost<float>(value)[0];
        }
    }

    [Test]
    public void NoneIsNotWrittenAndAnotherValueIsAnotherRun()
    {
        Assert.That(Plain.ToJson(), Does.Not.Contain("labelSmoothing"));
        Assert.That(TrainerOptions.FromJson(Smoothed.ToJson()).LabelSmoothing, Is.EqualTo(0.1));
        Assert.That(
            Smoothed.DifferencesTo(Plain), Is.EqualTo(new[] { "labelSmoothing 0.1 instead of its default" }));
    }

    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Case(TrainerOptions options, string message) =>
            new TestCaseData(options, message).SetArgDisplayNames(message);
        const string Range = "give a number from 0 to below 1";
        foreach (var value in new[] { -0.1, 1, double.NaN })
            yield return Case(Plain with { LabelSmoothing = value }, $"LabelSmoothing {value}: {Range}");
        yield return Case(
            new TrainerOptions { LabelSmoothing = 0.1 },
            "LabelSmoothing 0.1: Head sigmoid weighs uncertain labels itself; give Head grouped, or leave it out");
        yield return Case(
            Smoothed with { CustomLoss = PartialLossDescription.Of("hill") },
            "LabelSmoothing 0.1: the loss 'hill' does not take it: leave one of the two out");
    }

    [TestCaseSource(nameof(Refusals))]
    public void WhatCannotBeIsRefused(TrainerOptions options, string message) => Assert.That(
        options.Validate, Throws.TypeOf<InputException>().With.Message.EqualTo(message));

    private void Train(string name, TrainerOptions options, bool resume = false, int stopAfter = int.MaxValue) =>
        TinyTraining.Train(Path.Combine(_folder, name), _data, options, resume, stopAfter);

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder, run, file));
}
