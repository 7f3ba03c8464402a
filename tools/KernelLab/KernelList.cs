using System.Text;
using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>
/// Which cases launch which kernels, found by queueing all of them on a driver that executes nothing.
/// </summary>
internal static class KernelList
{
    private static readonly string[] Suffixes = ["_any", "_f32", "_f16", "_bf16"];

    /// <summary>Kernels by file, without the suffixes of their instantiations, and the cases of each.</summary>
    public static IReadOnlyList<(string File, string Kernel, IReadOnlyList<string> Cases)> Find(KernelSources sources)
    {
        var recorder = new RecordingDriver();
        using var device = new CudaDevice(
            recorder, null!, null!, KernelCompiler.Open(),
            new CudaDeviceOptions { Sources = sources, CacheFolder = LabDevice.CacheFolder });
        var cases = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var current = "";
        device.LaunchObserver = (function, in _, _) =>
        {
            var kernel = Plain(function.Name);
            if (!cases.TryGetValue(kernel, out var known))
                cases[kernel] = known = [];
            if (!known.Contains(current))
                known.Add(current);
        };
        foreach (var call in KernelCalls.All())
        {
            current = call.Name;
            foreach (var (shape, aligned) in CaseComparison.Shapes.Where(
                entry => entry.Shape.Height >= call.Least && entry.Shape.Width >= call.Least))
            {
                call.Prepare(new KernelWorkbench(new Backend(device, null!), ElementType.BFloat16, aligned), shape)(
                    CudaKernels.WithoutLibraries(device));
            }
        }
        return
        [
            .. from file in sources.Files
               from kernel in Kernels(device, file)
               select (file, kernel, (IReadOnlyList<string>)cases.GetValueOrDefault(kernel, [])),
        ];
    }

    // Compiled just before, when the cases ran: this finds it in the cache.
    private static IEnumerable<string> Kernels(CudaDevice device, string file) =>
        PtxEntry.Parse(Encoding.UTF8.GetString(
            KernelModule.Image(device, file, device.Sources.Source(file), device.Sources.Headers)))
            .Select(entry => Plain(entry.Name)).Distinct();

    /// <summary>A kernel's name without element type and path.</summary>
    public static string Plain(string entry)
    {
        foreach (var suffix in Suffixes)
        {
            if (entry.EndsWith(suffix, StringComparison.Ordinal))
                entry = entry[..^suffix.Length];
        }
        return entry;
    }
}
