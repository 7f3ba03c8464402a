using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// The devices' primary contexts, retained by the first use in the process and never released. cuBLAS and cuDNN share
/// them, and keep what they loaded there: a context that were destroyed and made again between two devices of one
/// process would leave them with handles to nothing.
/// https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__PRIMARY__CTX.html
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal static unsafe class PrimaryContexts
{
    // By driver, of which a process has one, apart from tests.
    private static readonly ConditionalWeakTable<object, Dictionary<int, nint>> Retained = [];

    /// <summary>The primary context of a device.</summary>
    /// <exception cref="EngineException">The driver refuses.</exception>
    public static nint Of(ICudaDriver driver, CudaDeviceInfo device, CudaError error)
    {
        var contexts = Retained.GetOrCreateValue(driver.Identity);
        lock (contexts)
        {
            if (contexts.TryGetValue(device.Handle, out var known))
                return known;
            nint context;
            error.Check(driver.cuDevicePrimaryCtxRetain(&context, device.Handle));
            return contexts[device.Handle] = context;
        }
    }
}
