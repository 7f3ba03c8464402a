using Flixstock.Engine;
using Flixstock.KernelLab;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices.Cuda;

/// <summary>The proof of the proof: faults planted in our own kernels, each of which the comparison or the emulator's checks must find.</summary>
[NonParallelizable]
public sealed class PlantedFaultTests
{
    // File, what it says, what it is made to say, the calls that meet it.
    private static readonly (string File, string Text, string Fault, string Calls)[] Faults =
    [
        ("adam_step.cu", "averageDecay = row[4]", "averageDecay = row[5]", "AdamStep skipped=0"),
        ("average_pool.cu", "min(top + 2, height)", "top + 2", "AveragePoolForward"),
        ("average_pool.cu", "1.0f / ((bottom - top) * (right - left))", "0.25f", "AveragePoolForward"),
        ("average_pool.cu", "row < pictures * outHeight", "row < pictures * outHeight - 1", "AveragePoolForward"),
        ("average_pool.cu", "if (accumulate)", "if (!accumulate)", "AveragePoolBackward"),
        ("average_pool.cu", "outWidth + w / 2)", "outWidth + w)", "AveragePoolBackward"),
        ("blur_pool.cu", "2 * extent - 2 - position", "2 * extent - 1 - position", "BlurPoolForward"),
        ("blur_pool.cu", "tap == 1 ? 0.5f : 0.25f", "tap == 1 ? 0.25f : 0.5f", "BlurPool"),
        ("blur_pool.cu", "tap / 3 - 1, height", "tap / 3, height", "BlurPoolForward"),
        ("convolution.cu", "product.right(d + threadIdx.y, column);\n        __syncthreads();", "product.right(d + threadIdx.y, column);", "ConvolutionForward 3x3 stride=1"),
        ("convolution.cu", "right[i][threadIdx.x];\n        __syncthreads();", "right[i][threadIdx.x];", "ConvolutionForward 3x3 stride=1"),
        ("convolution.cu", "h < 0 || h >= w.height", "h >= w.height", "ConvolutionForward 3x3 stride=1"),
        ("convolution.cu", "product.right(d + threadIdx.y, column)", "product.right(d + threadIdx.x, column)", "ConvolutionForward 1x1 stride=1"),
        ("global_average_pool.cu", "total[0] * inversePixels", "total[0]", "GlobalAveragePoolForward"),
        ("global_average_pool.cu", "pack.value[v] += share.value[v]", "pack.value[v] = share.value[v]", "GlobalAveragePoolBackward"),
        ("common.cuh", "shared[i * ReduceThreads + thread] = sums[i / V][i % V];\n    __syncthreads();", "shared[i * ReduceThreads + thread] = sums[i / V][i % V];", "GlobalAveragePoolForward"),
        ("common.cuh", "pixel < end; pixel += blockDim.y)\n            work.add", "pixel < end - 1; pixel += blockDim.y)\n            work.add", "GlobalAveragePoolForward"),
        ("common.cuh", "* Q * channels + channel;", "* Q * channels + channel + 1;", "GlobalAveragePoolForward"),
        ("grouped_softmax_loss.cu", "there |= labels[k] == 1;", "there |= labels[k] != 0;", "GroupedSoftmaxLoss groups=3"),
        ("grouped_softmax_loss.cu", "/ groupCount * classes + groups[group]", "/ groupCount * classes", "GroupedSoftmaxLoss groups=3"),
        ("grouped_softmax_loss.cu", "slope -= expf(logits[k] - highestAllowed) / allowed;", "slope -= 1;", "GroupedSoftmaxLoss groups=1"),
        ("prior.cu", "expf(-logits", "expf(logits", "PriorAccumulate"),
        ("prior.cu", "sums[k] += total[0]", "sums[k] = total[0]", "PriorAccumulate"),
        ("space_to_depth.cu", "value / 255.0f", "value / 256.0f", "SpaceToDepthForward of bytes"),
        ("space_to_depth.cu", "q * run + channel % run", "q * run + channel", "SpaceToDepthForward"),
        ("space_to_depth.cu", "*destination + pack.value[v] : pack.value[v]", "pack.value[v] : pack.value[v]", "SpaceToDepthBackward"),
    ];

    private static IEnumerable<TestCaseData> Numbers() =>
        Faults.Select((fault, i) => new TestCaseData(i).SetArgDisplayNames($"{fault.File}: {fault.Text.Split('\n')[0]} -> {fault.Fault.Split('\n')[0]}"));

    [TestCaseSource(nameof(Numbers))]
    public void IsFound(int number)
    {
        var (file, text, fault, calls) = Faults[number];
        using var folder = new EditedKernels(file, text, fault);
        Assert.That(() => Run(folder.Path, calls), Throws.InstanceOf<DeviceCheckException>().Or.InstanceOf<KernelCaseException>());
    }

    private static void Run(string folder, string calls)
    {
        var driver = new EmulatedDriver();
        var options = new CudaDeviceOptions { Sources = KernelSources.FromFolder(folder), CacheFolder = null };
        var device = new CudaDevice(driver, new EmulatedBlas(driver), new EmulatedDnn(driver), NvrtcRequired.Open(), options);
        var chosen = KernelCalls.All().Where(call => call.Name.StartsWith(calls, StringComparison.Ordinal)).ToList();
        if (chosen.Count == 0)
            throw new InvalidOperationException($"no call begins with '{calls}'");
        foreach (var call in chosen)
            EmulatedKernelTests.CompareAll(device, call);
    }
}
