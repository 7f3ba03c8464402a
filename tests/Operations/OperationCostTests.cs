using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Operations;

/// <summary>What calls are said to cost, and that timing them makes nobody wait.</summary>
public sealed class OperationCostTests
{
    private static readonly Shape Activations = new(2, 4, 4, 8); // 256 values

    private static Tensor Bf16 => new(64, Activations, ElementType.BFloat16);

    private static Tensor Vector => new(64, new Shape(8));

    [Test]
    public void ACopyReadsAndWrites() => Assert.That(OperationCost.Bytes("Copy", [(ReadOnlyTensor)Bf16, Bf16]), Is.EqualTo(2 * 512));

    [Test]
    public void WhatIsAddedToIsReadToo()
    {
        Assert.That(OperationCost.Bytes("Add", [(ReadOnlyTensor)Bf16, Bf16]), Is.EqualTo(3 * 512));
        Assert.That(OperationCost.Bytes("AveragePoolBackward", [(ReadOnlyTensor)Vector, true, Bf16]) - OperationCost.Bytes("AveragePoolBackward", [(ReadOnlyTensor)Vector, false, Bf16]), Is.EqualTo(512));
    }

    // Two passes: y and dy for the sums, y and dy again and dx.
    [Test]
    public void AbnBackwardReadsTwice()
    {
        var vectors = new Tensor(64, new Shape(4, 8));
        ReadOnlyTensor source = Bf16, small = Vector;
        var bytes = OperationCost.Bytes("AbnBackward", [source, (ReadOnlyTensor)vectors, small, small, 1e-5f, 0.01f, true, Bf16, Vector, Vector]);
        Assert.That(bytes, Is.EqualTo(5 * 512 + 4 * 32 + 4 * 32));
    }

    [Test]
    public void ConvolutionsAreTwiceTheirProducts()
    {
        ReadOnlyTensor input = Bf16, weight = new Tensor(64, new Shape(16, 3, 3, 8), ElementType.BFloat16);
        Assert.That(OperationCost.Operations("ConvolutionForward", [input, weight, new ConvolutionGeometry(1, 1), new Tensor(64, new Shape(2, 4, 4, 16))]), Is.EqualTo(2L * 32 * 16 * 9 * 8));
    }

    [Test]
    public void TheTablesNamesAreThoseOfTheInterface()
    {
        // A renamed argument would no longer be found, and silently be counted once.
        foreach (var method in typeof(IKernels).GetMethods())
        {
            var arguments = method.GetParameters().Select(parameter => parameter.ParameterType == typeof(Tensor) ? Bf16 : (object)false).ToArray();
            var destinations = arguments.OfType<Tensor>().Count();
            var inPlace = method.Name is "Add" or "ActivationBackward" or "ScaleLoss" or "AdamStep" or "AbnBackward" or "IdentityAbnBackward" or "AbnResidualReluBackward"
                or "AbnExciteResidualReluBackwardReduce" or "ExciteBackwardApply" or "PriorAccumulate";
            Assert.That(OperationCost.Bytes(method.Name, arguments), inPlace ? Is.GreaterThan(destinations * 512L) : Is.EqualTo(destinations * 512L), method.Name);
        }
    }

    [Test]
    public void ATimedCallStaysQueuedUntilItsTimeIsAsked()
    {
        using var gpu = new EmulatedGpu();
        var timed = TimedKernels.Create(gpu.Backend);
        var tensor = gpu.Device.Allocate(Activations);
        gpu.Device.Synchronize();
        timed.Fill(1, tensor);
        Assert.That(gpu.Driver.Queues.Streams[gpu.Device.Stream].Work, Is.Not.Empty, "somebody waited");
        var time = TimedKernels.Times(timed).Single();
        Assert.That((time.Name, time.Calls, time.Bytes), Is.EqualTo(("Fill", 1, 1024L)));
        Assert.That(time.Milliseconds, Is.GreaterThanOrEqualTo(0));
        Assert.That(gpu.Driver.Queues.Streams[gpu.Device.Stream].Work, Is.Empty);
        TimedKernels.Stop(timed);
    }
}
