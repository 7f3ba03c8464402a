namespace Flixstock.Engine;

/// <summary>
/// Names of classes and plain functions that checkpoints carry outside their weights: options, optimizers, schedulers,
/// states of random generators. Each becomes a placeholder that keeps its arguments as data. The list is fixed; a name
/// is on it because programs in use write it, and all of it is as inert as a text.
/// </summary>
internal static class InertNames
{
    private const string Schedulers = "torch.optim.lr_scheduler";

    // Of modules to names, parted by blanks.
    private static readonly (string Module, string Names)[] Lists =
    [
        ("argparse", "Namespace"), ("types", "SimpleNamespace"), ("collections", "Counter"), ("decimal", "Decimal"),
        ("fractions", "Fraction"), ("uuid", "UUID"), ("_codecs", "encode"),
        ("datetime", "date datetime time timedelta timezone"),
        ("pathlib", "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath"),
        ("pathlib._local", "PosixPath WindowsPath PurePosixPath PureWindowsPath"),
        ("typing", "Any Union Optional Dict List Tuple Set Callable Sequence Mapping"),
        ("numpy", "dtype ndarray bool_ bool float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 "
            + "str_ float_ int_"),
        ("numpy.core.multiarray", "scalar _reconstruct"), ("numpy._core.multiarray", "scalar _reconstruct"),
        ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"),
        ("numpy.dtypes", "BoolDType Float16DType Float32DType Float64DType Int8DType Int16DType Int32DType Int64DType "
            + "UInt8DType UInt16DType UInt32DType UInt64DType StrDType ObjectDType"),
        ("numpy.random._pickle", "__randomstate_ctor __generator_ctor __bit_generator_ctor"),
        ("numpy.random._mt19937", "MT19937"), ("numpy.random._pcg64", "PCG64"),
        ("torch", "device Generator Tensor float16 float32 float64 bfloat16 float8_e4m3fn float8_e5m2 complex32 "
            + "complex64 complex128 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool "
            + "contiguous_format channels_last preserve_format strided"),
        ("torch.nn.parameter", "Parameter Buffer"), ("torch.serialization", "_get_layout"),
        ("torch.torch_version", "TorchVersion"), ("torch.optim.adam", "Adam"), ("torch.optim.adamw", "AdamW"),
        ("torch.optim.adamax", "Adamax"), ("torch.optim.nadam", "NAdam"), ("torch.optim.radam", "RAdam"),
        ("torch.optim.sgd", "SGD"),
        ("torch.optim.asgd", "ASGD"), ("torch.optim.rmsprop", "RMSprop"), ("torch.optim.rprop", "Rprop"),
        ("torch.optim.adagrad", "Adagrad"), ("torch.optim.adadelta", "Adadelta"),
        ("torch.optim.lbfgs", "LBFGS"), ("torch.optim.sparse_adam", "SparseAdam"),
        ("torch.optim._adafactor", "Adafactor"), ("torch.optim.optimizer", "Optimizer"),
        (Schedulers, "LRScheduler _LRScheduler LambdaLR MultiplicativeLR StepLR MultiStepLR ConstantLR LinearLR "
            + "ExponentialLR PolynomialLR CosineAnnealingLR "
            + "CosineAnnealingWarmRestarts CyclicLR OneCycleLR ReduceLROnPlateau SequentialLR ChainedScheduler"),
        ("torch.optim.swa_utils", "SWALR"),
        ("torch.cuda.amp.grad_scaler", "GradScaler OptState _refresh_per_optimizer_state"),
        ("torch.amp.grad_scaler", "GradScaler OptState _refresh_per_optimizer_state"),
        ("torch.nn.modules.loss", "BCELoss BCEWithLogitsLoss CrossEntropyLoss L1Loss MSELoss MultiLabelMarginLoss "
            + "MultiLabelSoftMarginLoss NLLLoss SmoothL1Loss SoftMarginLoss"),
        ("pytorch_lightning.utilities.parsing", "AttributeDict"),
        ("lightning.pytorch.utilities.parsing", "AttributeDict"), ("lightning_fabric.utilities.data", "AttributeDict"),
        ("lightning.fabric.utilities.data", "AttributeDict"),
        ("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"),
        ("pytorch_lightning.callbacks.early_stopping", "EarlyStopping"),
        ("pytorch_lightning.callbacks.lr_monitor", "LearningRateMonitor"),
        ("omegaconf.dictconfig", "DictConfig"), ("omegaconf.listconfig", "ListConfig"),
        ("omegaconf.base", "ContainerMetadata Metadata SCMode"),
        ("omegaconf.nodes", "AnyNode StringNode IntegerNode FloatNode BooleanNode BytesNode PathNode EnumNode "
            + "InterpolationResultNode"),
        ("yacs.config", "CfgNode"), ("fvcore.common.config", "CfgNode"), ("easydict", "EasyDict"),
        ("addict.addict", "Dict"), ("munch", "Munch"), ("box.box", "Box"),
        ("ml_collections.config_dict.config_dict", "ConfigDict"), ("mmcv.utils.config", "ConfigDict"),
        ("mmengine.config.config", "ConfigDict"),
        ("mmengine.logging.history_buffer", "HistoryBuffer"),
        ("deepspeed.runtime.fp16.loss_scaler", "LossScaler DynamicLossScaler"),
    ];

    private static readonly string[] BuiltinNames =
        [
            "int", "long", "float", "str", "unicode", "bool", "bytes", "complex", "tuple", "object", "slice", "range",
            "xrange", "bytearray", "Ellipsis", "NotImplemented",
        ];

    // A scheduler keeps its way to anneal or scale as one of its own methods, named with its class.
    private static readonly HashSet<string> WithMethods =
    [
        .. Names(Schedulers), "torch.optim.swa_utils.SWALR", "mmengine.logging.history_buffer.HistoryBuffer",
    ];

    /// <summary>Python's module of what needs no import, as protocols call it: until 2, and from 3 on.</summary>
    public static IReadOnlyList<string> Builtins { get; } = ["__builtin__", "builtins"];

    /// <summary>Every name, with its module.</summary>
    public static IEnumerable<string> All =>
        Lists.SelectMany(list => list.Names.Split(' ').Select(name => $"{list.Module}.{name}"))
            .Concat(Builtins.SelectMany(module => BuiltinNames.Select(name => $"{module}.{name}")));

    /// <summary>True for classes whose methods may be named.</summary>
    public static bool HasMethods(string className) => WithMethods.Contains(className);

    /// <summary>True for what may be a method's name: nothing that Python itself gives a meaning to.</summary>
    public static bool IsMethod(string name) => name.Length is > 0 and <= 64
        && !name.StartsWith("__", StringComparison.Ordinal) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>
    /// A method named through its class, <c>SWALR._cosine_anneal</c>; null if the class may not name any.
    /// </summary>
    public static PickleGlobal? MemberOf(string module, string name) =>
        name.Split('.') is [var type, var method] && HasMethods($"{module}.{type}") && IsMethod(method)
        ? new PickleGlobal($"{module}.{name}", PickleMeaning.Placeholder)
        : null;

    private static IEnumerable<string> Names(string module) =>
        Lists.Single(list => list.Module == module).Names.Split(' ').Select(name => $"{module}.{name}");
}
