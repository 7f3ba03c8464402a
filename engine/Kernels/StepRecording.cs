namespace Flixstock.Engine;

/// <summary>A call of an operation, between two marks.</summary>
/// <param name="Operation">Name of the operation in <see cref="IKernels"/>.</param>
/// <param name="Arguments">The arguments of the call.</param>
/// <param name="Phase">Phase of the step, see <see cref="StepPhase"/>; empty in a forward pass alone.</param>
/// <param name="Layer">The innermost layer that queued it; empty if no layer did.</param>
/// <param name="Before">Number of the mark before the call.</param>
/// <param name="After">Number of the mark after the call.</param>
internal sealed record RecordedCall(
    string Operation, object?[] Arguments, string Phase, string Layer, int Before, int After)
{
    /// <summary>Name of the operation, or of the program's own kernel.</summary>
    public string Name => Arguments is [CustomKernel custom, ..] ? custom.Name : Operation;

    public string Shapes => OperationCost.Shapes(Arguments);

    public long Bytes => OperationCost.Bytes(Operation, Arguments);

    public long Operations => OperationCost.Operations(Operation, Arguments);
}

/// <summary>A named part of a step, between two marks.</summary>
/// <param name="Name">Name of the step, a phase or a layer.</param>
/// <param name="Depth">Number of ranges that enclose it.</param>
/// <param name="Before">Mark before it; -1: it was not to be marked.</param>
internal sealed record RecordedRange(string Name, int Depth, int Before)
{
    /// <summary>Mark after it; -1 while it lasts.</summary>
    public int After { get; set; } = -1;
}

/// <summary>
/// Records what was queued, when, and in which layer and phase: calls and ranges with the marks of one timer.
/// </summary>
/// <param name="timer">Sets the marks; owned by the recording.</param>
/// <param name="next">Told the ranges as well, or null.</param>
/// <param name="timeline">
/// Marks phases and layers as well as steps and operations: on a GPU every mark takes a little of the time that is
/// measured.
/// </param>
internal sealed class StepRecording(DeviceTimer timer, IRangeObserver? next, bool timeline = false)
    : IRangeObserver, IDisposable
{
    /// <summary>A step as a whole is a range around its phases.</summary>
    public const string StepName = "step";

    private static readonly string[] Phases =
    [
        StepPhase.Forward, StepPhase.Loss, StepPhase.Backward, StepPhase.Optimizer,
    ];

    private readonly List<RecordedCall> _calls = [];
    private readonly List<RecordedRange> _ranges = [];
    private readonly Stack<RecordedRange> _open = new();
    private bool _stopped;

    public IReadOnlyList<RecordedCall> Calls => _calls;

    public IReadOnlyList<RecordedRange> Ranges => _ranges;

    public static bool IsPhase(string name) => Phases.Contains(name);

    /// <summary>Queues an operation between two marks.</summary>
    public void Call(string name, object?[] arguments, Action queue)
    {
        if (_stopped)
        {
            queue();
            return;
        }
        var before = timer.Mark();
        queue();
        var (phase, layer) = Place();
        _calls.Add(new RecordedCall(name, arguments, phase, layer, before, timer.Mark()));
    }

    public void Push(string name)
    {
        next?.Push(name);
        if (_stopped)
            return;
        var range = new RecordedRange(name, _open.Count, timeline || _open.Count == 0 ? timer.Mark() : -1);
        _open.Push(range);
        _ranges.Add(range);
    }

    public void Pop()
    {
        if (_open.TryPop(out var range) && range.Before >= 0)
            range.After = timer.Mark();
        next?.Pop();
    }

    /// <summary>Time between two marks, in milliseconds; waits for the device.</summary>
    public double Milliseconds(int from, int to) => timer.Milliseconds(from, to);

    /// <summary>Forgets what was recorded; to be called outside of all ranges.</summary>
    public void Restart()
    {
        _calls.Clear();
        _ranges.Clear();
        timer.Restart();
    }

    /// <summary>Ends the recording: from now on calls are only passed on.</summary>
    public void Dispose()
    {
        _stopped = true;
        _calls.Clear();
        _ranges.Clear();
        _open.Clear();
        timer.Dispose();
    }

    private (string Phase, string Layer) Place()
    {
        // the innermost first
        var names = _open.Where(range => range.Name != StepName).Select(range => range.Name).ToList();
        return (names.FirstOrDefault(IsPhase, ""), names.FirstOrDefault(name => !IsPhase(name), ""));
    }
}
