namespace Flixstock.PtxEmulator;

/// <summary>An engine that the emulated heuristic lists.</summary>
/// <param name="Milliseconds">How long it takes.</param>
/// <param name="WorkspaceBytes">What it needs.</param>
/// <param name="Notes">cudnnBackendNumericalNote_t.</param>
/// <param name="Finalizes">False: no plan can be made of it.</param>
/// <param name="Executes">False: its plan is refused when it is to run.</param>
/// <param name="Captures">False: it waits for the device, which no capture survives.</param>
/// <param name="HostMilliseconds">How long the host takes to queue it.</param>
/// <param name="PlanStatus">What the library answers when a plan is to be made of it, if that is not done.</param>
internal sealed record EmulatedEngine(
    double Milliseconds, long WorkspaceBytes = 0, int[]? Notes = null, bool Finalizes = true, bool Executes = true,
    bool Captures = true, double HostMilliseconds = 0, int PlanStatus = 3000)
{
    /// <summary>True if its sums have another order in each run, which it says.</summary>
    public bool IsRandom => Notes?.Contains(NoteNondeterministic) == true;

    private const int NoteNondeterministic = 4;
}

/// <summary>A descriptor of the graph interface: attributes by number, frozen when it is finalized.</summary>
internal sealed class BackendDescriptor(int kind)
{
    public int Kind { get; } = kind;

    public bool IsFinal { get; set; }

    public Dictionary<int, byte[]> Attributes { get; } = [];

    /// <summary>Of configurations, engines and plans: which engine, and of which operation graph.</summary>
    public int Engine { get; set; } = -1;

    public BackendDescriptor? Graph { get; set; }
}

// cuDNN's graph interface for a single convolution: kinds, numbers, types and counts of attributes, what refers to
// what, and what is final.
internal sealed unsafe partial class EmulatedDnn
{
    private const int NotFinal = 2004, WrongType = 2010, WrongKind = 2012, MisalignedPointer = 2003,
        ExecutionFailed = 5000;

    // By kind of descriptor and number: type of the elements, and how many there must be (0: any number).
    private static (int Type, int Count)? Settable(int kind, int name) => (kind, name) switch
    {
        (17, 901) or (1, 100) or (0, 1) => (1, 1),
        (0, 0) => (14, 1),
        (0, 5) => (5, 1),
        (13, >= 750 and <= 753) => (15, 1),
        (17, 907) => (2, 1),
        (14, 770) => (16, 1),
        (14, 771) => (1, 1),
        (14, 772 or 773 or 774) => (15, 1),
        (15, 801) => (15, 0),
        (17, 902 or 903) => (3, 4),
        (1, 102 or 103 or 104 or 105) => (3, 2),
        (17, 900 or 906) or (1, 106) => (3, 1),
        (1, 101) => (7, 1),
        (10, 700 or 701) or (12, 706 or 707) or (11, 712 or 713) => (4, 1),
        (10, >= 702 and <= 705) or (12, >= 708 and <= 711) or (11, >= 714 and <= 717) => (15, 1),
        (15, 800) or (5, 400) => (0, 1),
        (4, 201) or (5, 401) => (15, 1),
        (4, 200) => (8, 1),
        (16, 1000) => (3, 0),
        (16, 1001) => (6, 0),
        (16, 1003) => (6, 1),
        _ => null,
    };

    private readonly Dictionary<nint, BackendDescriptor> _backend = [];

    /// <summary>What the heuristic lists for every convolution, in this order.</summary>
    public IReadOnlyList<EmulatedEngine> Engines { get; set; } = [];

    /// <summary>What the heuristic lists if it is asked for fallbacks; numbered after the others.</summary>
    public IReadOnlyList<EmulatedEngine> FallbackEngines { get; set; } = [];

    /// <summary>
    /// What the heuristic lists, without fallbacks, for a convolution with what follows it; numbered after all others.
    /// </summary>
    public IReadOnlyList<EmulatedEngine> FoldedEngines { get; set; } = [];

    /// <summary>
    /// What the heuristic lists, without fallbacks, for a convolution with the sums of its output; numbered after all
    /// others.
    /// </summary>
    public IReadOnlyList<EmulatedEngine> SummedEngines { get; set; } = [];

    private EmulatedEngine[] AllEngines => [.. Engines, .. FallbackEngines, .. FoldedEngines, .. SummedEngines];

    /// <summary>How often each engine was queued.</summary>
    public Dictionary<int, int> EngineRuns { get; } = [];

    /// <summary>Descriptors of the graph interface that were not destroyed.</summary>
    public int LiveBackend => _backend.Count;

    public int cudnnBackendCreateDescriptor(int type, nint* descriptor)
    {
        if (type is not (0 or 1 or 2 or 3 or 4 or 5 or 10 or 11 or 12 or 13 or 14 or 15 or 16 or 17))
            return Refuse($"descriptors of type {type} are not expected", NotSupported);
        _backend[*descriptor = _handles += 0x10] = new BackendDescriptor(type);
        return 0;
    }

    public int cudnnBackendDestroyDescriptor(nint descriptor) =>
        _backend.Remove(descriptor) ? 0 : Refuse("not a backend descriptor");

    public int cudnnBackendSetAttribute(nint descriptor, int name, int type, long count, void* elements)
    {
        if (!_backend.TryGetValue(descriptor, out var known) || elements == null || count < 1)
            return Refuse("not a backend descriptor, or no elements");
        if (known.IsFinal)
            return Refuse($"attribute {name} of a final descriptor");
        if (Settable(known.Kind, name) is not { } wanted)
            return Refuse($"a descriptor of type {known.Kind} has no attribute {name} to be set", WrongKind);
        if (wanted.Type != type)
            return Refuse($"attribute {name} has elements of type {wanted.Type}, not {type}", WrongType);
        if (wanted.Count > 0 && wanted.Count != count)
            return Refuse($"attribute {name} has {wanted.Count} elements, not {count}");
        known.Attributes[name] = new ReadOnlySpan<byte>(elements, checked((int)count * SizeOf(type))).ToArray();
        return 0;
    }

    public int cudnnBackendGetAttribute(
        nint descriptor, int name, int type, long requested, long* returned, void* elements)
    {
        if (!_backend.TryGetValue(descriptor, out var known))
            return Refuse("not a backend descriptor");
        if (known.Kind is 4 or 5 && !known.IsFinal)
            return Refuse("the descriptor is not final", NotFinal);
        switch (known.Kind, name, type)
        {
            case (4, 202, 15):
                int listed = Listed(known).Count;
                *returned = requested == 0 ? listed : Math.Min(requested, listed);
                return requested == 0 ? 0 : FillConfigurations(known, (nint*)elements, *returned);
            case (3, 300, 15):
                if (requested < 1 || known.Engine < 0 || !_backend.TryGetValue(*(nint*)elements, out var engine)
                    || engine.Kind != 2)
                {
                    return Refuse("there is no engine descriptor to fill, or no configuration");
                }
                (engine.Engine, engine.Graph, engine.IsFinal, *returned) = (known.Engine, known.Graph, true, 1);
                return 0;
            case (2, 1303, 11):
                if (known.Engine < 0)
                    return Refuse("the engine is not final", NotFinal);
                int[] notes = AllEngines[known.Engine].Notes ?? [];
                *returned = notes.Length;
                notes.AsSpan(0, (int)Math.Min(requested, notes.Length)).CopyTo(new Span<int>(elements, (int)requested));
                return 0;
            case (5, 402, 3) when requested == 1:
                (*returned, *(long*)elements) = (1, AllEngines[known.Engine].WorkspaceBytes);
                return 0;
            default:
                return Refuse(
                    $"a descriptor of type {known.Kind} has no attribute {name} of type {type} to be asked for",
                    WrongKind);
        }
    }

    public int cudnnBackendFinalize(nint descriptor)
    {
        if (!_backend.TryGetValue(descriptor, out var known) || known.IsFinal)
            return Refuse("not a backend descriptor, or final already");
        int status = known.Kind switch
        {
            17 => FinalizeTensor(known),
            1 => FinalizeWindow(known),
            10 => FinalizeOperation(known, 700, 703, 704, 705),
            12 => FinalizeOperation(known, 706, 709, 710, 711),
            11 => FinalizeOperation(known, 712, 715, 716, 717),
            0 => FinalizePointwise(known),
            13 => FinalizePointwiseOperation(known),
            14 => FinalizeSums(known),
            15 => FinalizeGraph(known),
            4 => Referred(known, 201) is { Kind: 15 } && known.Attributes.TryGetValue(200, out var mode)
                && BitConverter.ToInt32(mode) is 0 or 2 or 3
                ? 0
                : Refuse("a heuristic needs a final graph and a mode", NotFinal),
            5 => FinalizePlan(known),
            16 => known.Attributes.TryGetValue(1000, out var ids)
                && known.Attributes.TryGetValue(1001, out var pointers) && ids.Length == pointers.Length
                ? 0
                : Refuse("ids and pointers of a pack are not as many"),
            _ => Refuse("a descriptor that the library makes final itself", WrongKind),
        };
        known.IsFinal = status == 0;
        return status;
    }

    public int cudnnBackendExecute(nint handle, nint executionPlan, nint variantPack)
    {
        if (!_streams.TryGetValue(handle, out nint stream))
            return NotInitialized;
        if (!_backend.TryGetValue(executionPlan, out var plan) || plan.Kind != 5
            || !_backend.TryGetValue(variantPack, out var pack) || pack.Kind != 16 || !plan.IsFinal || !pack.IsFinal)
        {
            return Refuse("plan or pack is not final", NotFinal);
        }
        var engine = AllEngines[plan.Engine];
        var operations = Operations(plan.Graph!)!;
        var (status, problem, direction) = Operation(operations, pack);
        if (status != 0)
            return status;
        nint workspace = pack.Attributes.TryGetValue(1003, out byte[]? space) ? (nint)BitConverter.ToInt64(space) : 0;
        if (engine.WorkspaceBytes > 0 && workspace == 0)
            return Refuse("the plan needs a workspace");
        if (!engine.Executes)
            return Refuse("the engine failed", ExecutionFailed);
        if (driver.Queues.Streams[stream].Capture is { } capture && !engine.Captures)
        {
            capture.IsInvalid = true;
            return Refuse("the engine waits for the device", ExecutionFailed);
        }
        if (driver.Queues.Streams[stream].Capture is null)
            driver.Queues.SpendOnHost(engine.HostMilliseconds);
        EngineRuns[plan.Engine] = EngineRuns.GetValueOrDefault(plan.Engine) + 1;
        return (int)driver.Queues.Compute(stream, $"cuDNN engine {plan.Engine}, {direction}", () =>
        {
            driver.Queues.Spend(engine.Milliseconds);
            CheckOperands(problem!, direction, workspace, (nuint)engine.WorkspaceBytes);
            if (operations.Count == 1)
                Compute(problem!, direction, 1, 0);
            else if (IsSummed(operations))
                ComputeSummed(problem!, operations[1], pack);
            else
                ComputeFolded(problem!, direction, Steps(operations, pack));
            if (engine.IsRandom)
                Disturb(problem!, direction);
        });
    }

    // Sums in another order: the last bit of some number is another one.
    private void Disturb(Problem problem, Direction direction)
    {
        var (address, tensor) = Target(problem, direction);
        byte* number = (byte*)address
            + LibraryNumbers.Bytes(tensor.Type) * (Interlocked.Increment(ref _disturbed) * 7919L % tensor.Count);
        *number ^= 1;
    }

    // Of all devices of the process: two runs are never the same.
    private static int _disturbed;

    private IReadOnlyList<EmulatedEngine> Listed(BackendDescriptor heuristic) => Kind(heuristic).List;

    private int FirstListed(BackendDescriptor heuristic) => Kind(heuristic).First;

    // What is listed for the graph, and the number of the first of it.
    private (IReadOnlyList<EmulatedEngine> List, int First) Kind(BackendDescriptor heuristic)
    {
        var operations = Operations(Referred(heuristic, 201)!)!;
        int folded = Engines.Count + FallbackEngines.Count;
        return (operations.Count > 1, IsFallback(heuristic)) switch
        {
            (false, false) => (Engines, 0),
            (false, true) => (FallbackEngines, Engines.Count),
            (true, true) => ([], 0),
            _ => IsSummed(operations) ? (SummedEngines, folded + FoldedEngines.Count) : (FoldedEngines, folded),
        };
    }

    private static bool IsFallback(BackendDescriptor heuristic) => BitConverter.ToInt32(heuristic.Attributes[200]) == 2;

    private static int SizeOf(int type) => type switch { 2 => 1, 0 or 3 or 5 or 6 or 15 => 8, _ => 4 };

    private static nint Integer(BackendDescriptor descriptor, int name) =>
        (nint)BitConverter.ToInt64(descriptor.Attributes[name]);

    private static long[] Integers(BackendDescriptor descriptor, int name)
    {
        var values = new long[descriptor.Attributes[name].Length / 8];
        Buffer.BlockCopy(descriptor.Attributes[name], 0, values, 0, 8 * values.Length);
        return values;
    }

    // A final descriptor that another one names; null if there is none.
    private BackendDescriptor? Referred(BackendDescriptor descriptor, int name) =>
        descriptor.Attributes.TryGetValue(name, out byte[]? bytes)
            && _backend.TryGetValue((nint)BitConverter.ToInt64(bytes), out var other) && other.IsFinal
            ? other
            : null;

    private int FinalizeTensor(BackendDescriptor tensor)
    {
        int[] required = [900, 901, 902, 903, 906];
        if (!required.All(tensor.Attributes.ContainsKey))
            return Refuse("a tensor lacks an attribute", NotFinal);
        var (extents, strides) = (Integers(tensor, 902), Integers(tensor, 903));
        long[] packed = [extents[1] * extents[2] * extents[3], 1, extents[1] * extents[3], extents[1]];
        if (extents.Any(extent => extent < 1) || BitConverter.ToInt32(tensor.Attributes[901]) is not (0 or 2 or 9)
            || Integer(tensor, 900) is not (4 or 8 or 16))
        {
            return Refuse("extents, type or alignment are out of range");
        }
        return strides.AsSpan().SequenceEqual(packed) ? 0 : Refuse("the strides are not NHWC", NotSupported);
    }

    private int FinalizeWindow(BackendDescriptor window)
    {
        int[] required = [100, 101, 102, 103, 104, 105, 106];
        if (!required.All(window.Attributes.ContainsKey))
            return Refuse("a convolution lacks an attribute", NotFinal);
        bool single = BitConverter.ToInt32(window.Attributes[100]) == 0
            && BitConverter.ToInt32(window.Attributes[101]) == 1 && Integer(window, 106) == 2;
        bool square = Integers(window, 104).AsSpan().SequenceEqual(Integers(window, 105))
            && Integers(window, 102).All(one => one >= 1) && Integers(window, 103).All(one => one >= 1);
        return single && square
            ? 0
            : Refuse(
                "only cross-correlation over two dimensions with single sums and even padding is expected",
                NotSupported);
    }

    private int FinalizeOperation(BackendDescriptor operation, int alpha, params int[] tensors)
    {
        if (Referred(operation, alpha + 2) is not { Kind: 1 }
            || !tensors.All(name => Referred(operation, name) is { Kind: 17 })
            || !operation.Attributes.TryGetValue(alpha, out byte[]? scale)
            || !operation.Attributes.TryGetValue(alpha + 1, out byte[]? keep))
        {
            return Refuse("an operation lacks a final descriptor or a factor", NotFinal);
        }
        if (BitConverter.ToSingle(scale) != 1 || BitConverter.ToSingle(keep) != 0)
            return Refuse("only results that are written are expected", NotSupported);
        if (tensors.Select(name => Integer(Referred(operation, name)!, 906)).Distinct().Count() != 3)
            return Refuse("ids of tensors are not unique");
        return Build(operation, static _ => 0, out _) is null ? BadParameter : 0;
    }

    private int FinalizePlan(BackendDescriptor plan)
    {
        if (!plan.Attributes.ContainsKey(400) || !_streams.ContainsKey(Integer(plan, 400))
            || !plan.Attributes.TryGetValue(401, out byte[]? bytes)
            || !_backend.TryGetValue((nint)BitConverter.ToInt64(bytes), out var configuration)
            || configuration.Kind != 3 || configuration.Engine < 0)
        {
            return Refuse("a plan needs a handle and a configuration", NotFinal);
        }
        (plan.Engine, plan.Graph) = (configuration.Engine, configuration.Graph);
        return AllEngines[plan.Engine].Finalizes
            ? 0
            : Refuse("no plan can be made of the engine", AllEngines[plan.Engine].PlanStatus);
    }

    private int FillConfigurations(BackendDescriptor heuristic, nint* configurations, long count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!_backend.TryGetValue(configurations[i], out var configuration) || configuration.Kind != 3)
                return Refuse("there is no configuration to fill");
            configuration.Engine = i + FirstListed(heuristic);
            configuration.Graph = Referred(heuristic, 201);
        }
        return 0;
    }

    private (int Status, Problem? Problem, Direction Direction) Operation(
        IReadOnlyList<BackendDescriptor> operations, BackendDescriptor pack)
    {
        var pointers = Pointers(pack);
        var problem =
            Build(operations[0], tensor => pointers.GetValueOrDefault(Integer(tensor, 906)), out var direction);
        if (problem is not null && IsSummed(operations))
        {
            if (!SumsOf(operations[1]).All(sum => pointers.GetValueOrDefault(Integer(sum, 906)) is var where
                && where != 0 && where % 16 == 0))
            {
                return (Refuse("a sum has no pointer, or one that is not aligned"), null, direction);
            }
        }
        else if (problem is not null && operations.Count > 1)
        {
            var last = Referred(operations[^1], 753)!;
            var (stored, where) = (TensorOf(last), pointers.GetValueOrDefault(Integer(last, 906)));
            problem = direction == Direction.Data
                ? problem with { X = stored, XAddress = where }
                : problem with { Y = stored, YAddress = where };
            foreach (var second in operations.Skip(1).Select(operation => Referred(operation, 752)))
            {
                if (second is not null && pointers.GetValueOrDefault(Integer(second, 906)) is 0)
                    return (Refuse("a tensor of the graph has no pointer"), null, direction);
            }
        }
        if (problem is null || problem.XAddress == 0 || problem.WAddress == 0 || problem.YAddress == 0)
            return (Refuse("a tensor of the graph has no pointer"), null, direction);
        // All promise the same.
        return (problem.XAddress | problem.WAddress | problem.YAddress) % 16 == 0
            ? (0, problem, direction)
            : (Refuse("a pointer is less aligned than its tensor promised", MisalignedPointer), null, direction);
    }

    // As the legacy interface's problem, with its checks of extents and types.
    private Problem? Build(BackendDescriptor operation, Func<BackendDescriptor, nint> address, out Direction direction)
    {
        int w, x, y;
        (direction, w, x, y) = operation.Kind switch
        {
            10 => (Direction.Forward, 703, 704, 705),
            12 => (Direction.Data, 709, 710, 711),
            _ => (Direction.Filter, 715, 716, 717),
        };
        var window = Referred(operation, operation.Kind switch { 10 => 702, 12 => 708, _ => 714 })!;
        long[] strides = Integers(window, 103), paddings = Integers(window, 104), dilations = Integers(window, 102);
        var convolution = new DnnConvolution
        {
            PadH = (int)paddings[0],
            PadW = (int)paddings[1],
            StrideH = (int)strides[0],
            StrideW = (int)strides[1],
            DilationH = (int)dilations[0],
            DilationW = (int)dilations[1],
            IsSet = true,
        };
        // What is never stored is a single, whatever the others are.
        DnnTensor Typed(int name)
        {
            var tensor = TensorOf(Referred(operation, name)!);
            if (IsVirtual(Referred(operation, name)!))
                tensor.Type = TensorOf(Referred(operation, w)!).Type;
            return tensor;
        }
        return Fit(
            Typed(x), address(Referred(operation, x)!), Typed(w), address(Referred(operation, w)!), convolution,
            Typed(y), address(Referred(operation, y)!));
    }

    private static DnnTensor TensorOf(BackendDescriptor tensor) => new()
    {
        Type = BitConverter.ToInt32(tensor.Attributes[901]) switch
        {
            0 => Element.Single,
            2 => Element.Half,
            _ => Element.Bfloat,
        },
        Dimensions = [.. Integers(tensor, 902).Select(extent => (int)extent)],
    };

    private static bool IsVirtual(BackendDescriptor tensor) =>
        tensor.Attributes.TryGetValue(907, out byte[]? bytes) && bytes[0] != 0;

    private static Dictionary<long, nint> Pointers(BackendDescriptor pack) =>
        Integers(pack, 1000).Zip(Integers(pack, 1001)).ToDictionary(pair => pair.First, pair => (nint)pair.Second);
}
