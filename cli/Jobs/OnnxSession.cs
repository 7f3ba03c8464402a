using Flixstock.Engine;
using Microsoft.ML.OnnxRuntime;

namespace Flixstock.Cli;

/// <summary>An ONNX file, run by ONNX Runtime on the processor.</summary>
internal sealed class OnnxSession : IDisposable
{
    private static readonly Lazy<NativeLibraryStatus> Status = new(() => NativeLibraryCheck.Examine(
        "ONNX Runtime", "onnxruntime", "verifies exported models", () => OrtEnv.Instance().GetVersionString()));

    private readonly string _path;
    private readonly InferenceSession _session;

    /// <summary>The status of the library, examined once. A build may leave it out (docs/decisions/onnx.md).</summary>
    public static NativeLibraryStatus Library => Status.Value;

    /// <summary>Loads a file.</summary>
    /// <exception cref="EngineException">ONNX Runtime does not take it, or is missing.</exception>
    public OnnxSession(string path, int threads = 0)
    {
        _path = path;
        _session = Translate(() =>
        {
            using var options = new SessionOptions
            {
                IntraOpNumThreads = threads,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            return new InferenceSession(path, options);
        });
    }

    /// <summary>The metadata of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Extents of the input; -1 if any is accepted.</summary>
    public IReadOnlyList<int> InputExtents => _session.InputMetadata[OnnxExporter.InputName].Dimensions;

    /// <summary>Runs the network.</summary>
    /// <param name="input">Elements of the input.</param>
    /// <param name="cancellation">Stops between two operators.</param>
    /// <param name="extents">Shape of the input.</param>
    /// <exception cref="EngineException">ONNX Runtime fails.</exception>
    public float[] Run<T>(T[] input, CancellationToken cancellation, params long[] extents)
        where T : unmanaged => Translate(() =>
        {
            cancellation.ThrowIfCancellationRequested();
            using var value = OrtValue.CreateTensorValueFromMemory(input, extents);
            using var options = new RunOptions();
            using var stop = cancellation.UnsafeRegister(static run => ((RunOptions)run!).Terminate = true, options);
            using var outputs = _session.Run(
                options, new Dictionary<string, OrtValue> { [OnnxExporter.InputName] = value },
                [.. _session.OutputMetadata.Keys]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }, cancellation);

    public void Dispose() => _session.Dispose();

    // The library's classes fail to initialise if its native part was left out (docs/decisions/onnx.md).
    private T Translate<T>(Func<T> work, CancellationToken cancellation = default)
    {
        try
        {
            return work();
        }
        catch (OnnxRuntimeException e)
        {
            cancellation.ThrowIfCancellationRequested(); // a run that was ended fails too
            throw new EngineException($"{_path}: ONNX Runtime: {e.Message}", e);
        }
        catch (Exception e)
            when (e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new EngineException(
                Library is { Path: not null, Problem: { } problem }
                    ? $"nothing can be verified: {problem}; or leave --verify out"
                    : "ONNX Runtime is not next to this program, so nothing can be verified: leave --verify out, or "
                        + "use a build with it",
                e);
        }
    }
}
