namespace Flixstock.Engine;

/// <summary>
/// Examines whether training on CUDA would work on this machine: which libraries are installed in which folders, which
/// GPUs are present, and a small computation with each library compared with the
/// processor's result. Never throws for what a machine lacks.
/// </summary>
internal static class CudaDoctor
{
    private static readonly CudaLibrary[] Required =
    [
        CudaLibrary.Driver, CudaLibrary.Nvrtc, CudaLibrary.CuBlas, CudaLibrary.CuDnn,
    ];

    /// <summary>Examines this machine; takes seconds if there is a GPU.</summary>
    public static CudaReport Examine(CancellationToken cancellation = default) =>
        Examine(CudaWorld.OfThisProcess(), cancellation);

    /// <summary>Examines a machine.</summary>
    internal static CudaReport Examine(CudaWorld world, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var libraries = Enum.GetValues<CudaLibrary>().OrderBy(library => Array.IndexOf(Required, library) < 0)
            .ThenBy(library => library).Select(library => Describe(world, library)).ToList();
        var problems = libraries.Where(library => library.Required).Select(library => library.Problem)
            .OfType<string>().ToList();
        if (world.Libraries.WhyDriverTooOld() is { } tooOld)
            problems.Add(tooOld);
        var (devices, tests) = world.Libraries.Open(CudaLibrary.Driver).IsAvailable
            ? ExamineDevices(world, libraries, problems, cancellation)
            : ([], []);
        problems.AddRange(tests.Where(test => test.Outcome == SelfTestOutcome.Failed)
            .Select(test => $"self-test failed, {test.Name}: {test.Detail}"));
        // One good GPU is enough; tests that did not run have their reason among the problems.
        var canTrain = problems.Count == 0 && devices.Any(device => device.Problem is null);
        if (!canTrain && problems.Count == 0)
            problems.AddRange(devices.Select(device => device.Problem).OfType<string>());
        return new CudaReport(
            canTrain, libraries, devices, tests, [.. problems.Distinct(StringComparer.Ordinal)],
            world.Libraries.Searched);
    }

    private static LibraryReport Describe(CudaWorld world, CudaLibrary library)
    {
        var status = world.Libraries.Open(library);
        var problem = status.Reason ?? (library == CudaLibrary.Nvrtc ? world.Compiler().Reason : null);
        var version = status.IsAvailable ? world.Version(library) : "";
        var required = Required.Contains(library) && !(library == CudaLibrary.Nvrtc && world.HasPackedKernels);
        return new LibraryReport(
            LibraryFiles.Title(library), problem is null, required, version, status.Path, status.Origin, problem);
    }

    private static (List<DeviceReport> Devices, List<SelfTestReport> Tests) ExamineDevices(
        CudaWorld world, List<LibraryReport> libraries, List<string> problems, CancellationToken cancellation)
    {
        var driver = world.Driver();
        if (CudaAvailability.WhyNoDevices(driver, out var count) is { } reason)
        {
            problems.Add(reason);
            return ([], []);
        }
        var devices = new List<DeviceReport>();
        var tests = new List<SelfTestReport>();
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            var device = CudaAvailability.Describe(driver, ordinal, out var silent);
            devices.Add(device is null
                ? new DeviceReport(ordinal, "", "", 0, 0, 0, null, null, silent)
                : Describe(world, device));
            if (device is not null && devices[^1].Problem is null && world.Libraries.WhyDriverTooOld() is null)
                tests.AddRange(Test(world, device, libraries, cancellation));
        }
        return (devices, tests);
    }

    private static DeviceReport Describe(CudaWorld world, CudaDeviceInfo device)
    {
        var load = world.Load(device.Handle);
        return new DeviceReport(
            device.Ordinal, device.Name, $"{device.Major}.{device.Minor}", device.Multiprocessors,
            load?.TotalBytes ?? 0, load?.FreeBytes ?? 0, load?.Watts, load?.UtilizationPercent,
            CudaAvailability.TooOld(device));
    }

    private static List<SelfTestReport> Test(
        CudaWorld world, CudaDeviceInfo device, List<LibraryReport> libraries, CancellationToken cancellation)
    {
        bool Usable(CudaLibrary library) =>
            libraries.Single(report => report.Name == LibraryFiles.Title(library)).Usable;
        var tests = new List<SelfTestReport>();
        void Run(string name, string? missing, Func<string> body) =>
            tests.Add(RunOne(device.Ordinal, name, missing, body, cancellation));
        CudaSelfTests? gpu = null;
        try
        {
            Run("memory (driver)", null, () => (gpu = new CudaSelfTests(world.Driver(), device)).CopyThereAndBack());
            var missing = tests[0].Outcome == SelfTestOutcome.Passed ? null : "memory does not work";
            Run(
                "kernel (NVRTC)", missing ?? (Usable(CudaLibrary.Nvrtc) ? null : "NVRTC is missing"),
                () => gpu!.CompileAndLaunch(world.Compiler().Compiler!));
            Run(
                "matrix product (cuBLAS)", missing ?? (Usable(CudaLibrary.CuBlas) ? null : "cuBLAS is missing"),
                () => gpu!.MatrixProduct(world.Blas()));
            Run(
                "convolution (cuDNN)", missing ?? (Usable(CudaLibrary.CuDnn) ? null : "cuDNN is missing"),
                () => gpu!.Convolution(world.Dnn()));
        }
        finally
        {
            gpu?.Dispose();
        }
        return tests;
    }

    private static SelfTestReport RunOne(
        int device, string name, string? missing, Func<string> body, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (missing is not null)
            return new SelfTestReport(device, name, SelfTestOutcome.NotRun, missing);
        try
        {
            return new SelfTestReport(device, name, SelfTestOutcome.Passed, body());
        }
        catch (EngineException failure)
        {
            return new SelfTestReport(device, name, SelfTestOutcome.Failed, failure.Message);
        }
    }
}
