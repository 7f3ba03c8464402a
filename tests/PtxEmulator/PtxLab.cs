using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests;

/// <summary>A hand-written kernel on an emulated device: buffers, a launch, what came out.</summary>
internal sealed unsafe class PtxLab : IDisposable
{
    public EmulatedDriver Driver { get; }

    public PtxLab(EmulatedDriverOptions? options = null) => Driver = new EmulatedDriver(options);

    /// <summary>
    /// A kernel "k" around a body, with pointers a and b and an int n; %rd1, %rd2 and %r1 hold them, %r2 the thread,
    /// %r3 the block.
    /// </summary>
    public static string Kernel(string body) => $$"""
        .version 7.8
        .target sm_80
        .address_size 64
        .visible .entry k(
            .param .u64 k_param_0,
            .param .u64 k_param_1,
            .param .u32 k_param_2
        )
        {
            .reg .pred %p<10>;
            .reg .b16 %rs<20>;
            .reg .b32 %r<60>;
            .reg .f32 %f<40>;
            .reg .f64 %fd<10>;
            .reg .b64 %rd<40>;
            .shared .align 16 .b8 room[1024];
            ld.param.u64 %rd1, [k_param_0];
            ld.param.u64 %rd2, [k_param_1];
            ld.param.u32 %r1, [k_param_2];
            mov.u32 %r2, %tid.x;
            mov.u32 %r3, %ctaid.x;
            mul.wide.u32 %rd3, %r2, 4;
            add.s64 %rd4, %rd1, %rd3;
            add.s64 %rd5, %rd2, %rd3;
        {{body}}
            ret;
        }
        """;

    public nint Function(string body)
    {
        nint module, function;
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(Kernel(body) + "\0"))
            Expect(Driver.cuModuleLoadData(&module, text));
        Expect(Driver.cuModuleGetFunction(&function, module, "k"));
        return function;
    }

    public nint Allocate(int bytes)
    {
        nint address;
        Expect(Driver.cuMemAlloc(&address, (nuint)bytes));
        return address;
    }

    public nint Upload<T>(params T[] values) where T : unmanaged
    {
        nint address = Allocate(values.Length * sizeof(T));
        fixed (T* first = values)
            Expect(Driver.cuMemcpyHtoDAsync(address, first, (nuint)(values.Length * sizeof(T)), 0));
        return address;
    }

    public T[] Download<T>(nint address, int count) where T : unmanaged
    {
        var result = new T[count];
        fixed (T* first = result)
            Expect(Driver.cuMemcpyDtoHAsync(first, address, (nuint)(count * sizeof(T)), 0));
        return result;
    }

    public void Launch(nint function, nint a, nint b, int n, uint grid = 1, uint block = 32, nint stream = 0)
    {
        void** parameters = stackalloc void*[] { &a, &b, &n };
        Expect(Driver.cuLaunchKernel(function, grid, 1, 1, block, 1, 1, 0, stream, parameters, null));
    }

    /// <summary>Runs a body over one buffer of inputs; 32 results of 4 bytes.</summary>
    public uint[] Run(string body, params uint[] inputs)
    {
        nint a = Upload(inputs), b = Upload(new uint[32]);
        Launch(Function(body), a, b, inputs.Length);
        return Download<uint>(b, 32);
    }

    public string Failure(Action work) => Assert.Throws<DeviceCheckException>(() =>
    {
        work();
        Driver.cuCtxSynchronize();
    })!.Message;

    public nint Stream()
    {
        nint stream;
        Expect(Driver.cuStreamCreate(&stream, 1));
        return stream;
    }

    public nint Event()
    {
        nint created;
        Expect(Driver.cuEventCreate(&created, 0));
        return created;
    }

    public void Dispose() => Driver.Dispose();

    public static void Expect(CuResult result) => Assert.That(result, Is.EqualTo(CuResult.Success));
}
