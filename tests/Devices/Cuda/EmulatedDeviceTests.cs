using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>The smallest things that the device does, on the emulated driver.</summary>
public class EmulatedDeviceTests
{
    [Test]
    public void WhatGoesToTheDeviceComesBack()
    {
        using var gpu = new EmulatedGpu();
        float[] values = [.. Enumerable.Range(0, 100).Select(i => i * 0.5f)];
        var tensor = gpu.Device.FromHost<float>(values, new Shape(100));
        var copy = gpu.Device.Allocate(new Shape(100));
        gpu.Device.Copy(tensor, copy);
        Assert.That(gpu.Device.ToHost<float>(copy), Same.As(values));
    }

    [Test]
    public void AKernelComputes()
    {
        using var gpu = new EmulatedGpu();
        float[] values = [.. Enumerable.Range(0, 64).Select(i => i - 32f)];
        var scale = gpu.Device.FromHost<float>([4], new Shape(1));
        var gradient = gpu.Device.FromHost<float>(values, new Shape(8, 8));
        gpu.Backend.Kernels.ScaleLoss(scale, gradient);
        Assert.That(gpu.Device.ToHost<float>(gradient), Is.EqualTo(values.Select(value => 4 * value)));
    }

    [Test]
    public void AForwardPassIsTheProcessors()
    {
        using var cpu = Backend.Cpu(2);
        using var gpu = new EmulatedGpu();
        Assert.That(Forward(gpu.Backend), Is.EqualTo(Forward(cpu)).Within(1e-4));
    }

    private static float[] Forward(Backend backend)
    {
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.25, Classes = 21 });
        network.Initialize(1);
        using var arena = new DynamicArena(backend.Device);
        var pixels = new byte[2 * 32 * 32 * 3];
        var random = new SeededRandom(5);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)random.Next(256);
        var logits = network.Forward(
            backend.NewPass(arena, training: true),
            backend.Device.FromHost<byte>(pixels, new Shape(2, 32, 32, 3), ElementType.UInt8));
        return backend.Device.ToHost<float>(logits);
    }
}
