using System.Globalization;
using System.Runtime.InteropServices;
using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

internal sealed unsafe partial class EmulatedDriver
{
    public CuResult cuModuleLoadData(nint* module, void* image)
    {
        var text = Marshal.PtrToStringUTF8((nint)image) ?? "";
        if (!text.Contains(".version", StringComparison.Ordinal))
            return CuResult.InvalidImage;
        if (PtxVersion(text) > _options.NewestPtx)
            return CuResult.UnsupportedPtxVersion;
        var parsed = PtxModule.Parse(text);
        var symbols = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var variable in parsed.Globals.Concat(parsed.Constants))
        {
            var allocation = Memory.Allocate(Math.Max(variable.Bytes, 1), variable.Name);
            new Span<byte>(allocation.Address, variable.Bytes).Clear();
            variable.Initial.CopyTo(new Span<byte>(allocation.Address, variable.Bytes));
            allocation.MarkWritten(0, variable.Bytes);
            symbols[variable.Name] = (ulong)allocation.Address;
        }
        *module = Handle();
        _modules[*module] = new EmulatedModule(parsed, symbols);
        return CuResult.Success;
    }

    private static int PtxVersion(string text)
    {
        var number = text[(text.IndexOf(".version", StringComparison.Ordinal) + ".version".Length)..].TrimStart()
            .Split((char[]?)null, 2)[0].Split('.');
        return 10 * int.Parse(number[0], CultureInfo.InvariantCulture)
            + int.Parse(number[1], CultureInfo.InvariantCulture);
    }

    public CuResult cuModuleUnload(nint module)
    {
        if (!_modules.Remove(module, out var known))
            return CuResult.InvalidHandle;
        foreach (ulong address in known.Symbols.Values)
            Memory.Free(address);
        return CuResult.Success;
    }

    public CuResult cuModuleGetFunction(nint* function, nint module, string name)
    {
        if (!_modules.TryGetValue(module, out var known))
            return CuResult.InvalidHandle;
        if (!known.Module.Kernels.TryGetValue(name, out var kernel))
            return CuResult.NotFound;
        *function = Handle();
        _functions[*function] = new EmulatedFunction(known, kernel);
        return CuResult.Success;
    }

    public CuResult cuFuncSetAttribute(nint function, int attribute, int value)
    {
        if (!_functions.TryGetValue(function, out var known))
            return CuResult.InvalidHandle;
        if (attribute == 8 && value + known.Kernel.SharedBytes > MostShared)
            return CuResult.InvalidValue;
        if (attribute == 8)
            known.MostDynamicShared = value;
        return CuResult.Success;
    }

    public CuResult cuLaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes,
        nint stream, void** parameters, void** extra)
    {
        if (!_functions.TryGetValue(function, out var known))
            return CuResult.InvalidHandle;
        long threads = (long)blockX * blockY * blockZ;
        if (gridX == 0 || gridY is 0 or > 65535 || gridZ is 0 or > 65535 || threads is 0 or > 1024 || blockZ > 64
            || extra != null)
        {
            return CuResult.InvalidValue;
        }
        if (sharedBytes + known.Kernel.SharedBytes > Math.Max(known.MostDynamicShared, 48 * 1024))
            return CuResult.InvalidValue;
        if (threads > known.Kernel.MostThreads)
            return CuResult.LaunchOutOfResources;
        var launch = new KernelLaunch
        {
            Kernel = known.Kernel,
            Memory = Memory,
            GridX = gridX,
            GridY = gridY,
            GridZ = gridZ,
            BlockX = blockX,
            BlockY = blockY,
            BlockZ = blockZ,
            DynamicSharedBytes = (int)sharedBytes,
            Parameters = Freeze(known.Kernel, parameters),
            Symbols = known.Module.Symbols,
            Seed = unchecked(_options.Seed * 7919 + _launches++),
        };
        if (Queues.Streams.TryGetValue(stream, out var queue) && queue.Capture is null)
            Queues.SpendOnHost(_options.LaunchHostMilliseconds);
        return Queues.Compute(stream, known.Kernel.Name, () => Account(launch.Run()));
    }

    private static byte[] Freeze(PtxKernel kernel, void** parameters)
    {
        var block = new byte[kernel.ParameterBytes];
        for (int i = 0; i < kernel.Parameters.Count; i++)
        {
            new ReadOnlySpan<byte>(parameters[i], kernel.Parameters[i].Bytes)
                .CopyTo(block.AsSpan(kernel.Parameters[i].Offset));
        }
        return block;
    }

    private void Account(LaunchStatistics statistics)
    {
        // Kernels of one name from different sources are not added up: the last one counts.
        if (!_statistics.TryGetValue(statistics.Kernel, out var known)
            || known.InstructionCounts.Length != statistics.InstructionCounts.Length
            || known.Covered.Length != statistics.Covered.Length)
        {
            _statistics[statistics.Kernel] = statistics;
        }
        else
        {
            known.Add(statistics);
        }
    }
}
