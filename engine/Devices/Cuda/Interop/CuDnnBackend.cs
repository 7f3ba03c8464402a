namespace Flixstock.Engine;

/// <summary>
/// Numbers of cuDNN's graph interface that a convolution and what follows it need: cudnnBackendDescriptorType_t,
/// cudnnBackendAttributeName_t, cudnnBackendAttributeType_t and the notes of engines.
/// https://docs.nvidia.com/deeplearning/cudnn/backend/latest/developer/graph-api.html
/// </summary>
internal static class CuDnnBackend
{
    // Descriptors
    internal const int Pointwise = 0, Convolution = 1, Engine = 2, EngineConfiguration = 3, EngineHeuristic = 4,
        ExecutionPlan = 5,
        OperationForward = 10, OperationBackwardFilter = 11, OperationBackwardData = 12, OperationPointwise = 13,
        OperationSums = 14, OperationGraph = 15, VariantPack = 16, Tensor = 17;

    // Types of elements
    internal const int TypeHandle = 0, TypeDataType = 1, TypeBoolean = 2, TypeInt64 = 3, TypeFloat = 4, TypeDouble = 5,
        TypePointer = 6, TypeConvolutionMode = 7, TypeHeuristicMode = 8, TypeNumericalNote = 11,
        TypePointwiseMode = 14, TypeDescriptor = 15, TypeSumsMode = 16;

    // CUDNN_ATTR_POINTWISE_*, CUDNN_ATTR_OPERATION_POINTWISE_*, cudnnPointwiseMode_t
    internal const int PointwiseMode = 0, PointwisePrecision = 1, ReluLowerClipSlope = 5, PointwiseDescriptor = 750,
        PointwiseX = 751, PointwiseB = 752, PointwiseY = 753, ModeAdd = 0, ModeRelu = 100;

    // CUDNN_ATTR_OPERATION_GENSTATS_*, cudnnGenStatsMode_t
    internal const int SumsMode = 770, SumsPrecision = 771, SumsX = 772, SumsSum = 773, SumsSquares = 774,
        ModeSumAndSquares = 0;

    // CUDNN_ATTR_CONVOLUTION_*
    internal const int ComputeType = 100, ConvolutionMode = 101, Dilations = 102, FilterStrides = 103,
        PostPaddings = 104, PrePaddings = 105, SpatialDimensions = 106;

    // CUDNN_ATTR_ENGINEHEUR_*, _ENGINECFG_*, _ENGINE_*, _EXECUTION_PLAN_*
    internal const int HeuristicMode = 200, HeuristicGraph = 201, HeuristicResults = 202, ConfigurationEngine = 300,
        EngineNumericalNote = 1303, PlanHandle = 400, PlanConfiguration = 401, PlanWorkspaceSize = 402;

    // CUDNN_ATTR_OPERATION_CONVOLUTION_*: alpha, beta, convolution, and the tensors in the order in which the numbers
    // rise
    internal const int ForwardAlpha = 700, ForwardW = 703, ForwardX = 704, ForwardY = 705, DataAlpha = 706, DataW = 709,
        DataDx = 710, DataDy = 711, FilterAlpha = 712, FilterDw = 715, FilterX = 716, FilterDy = 717;

    // CUDNN_ATTR_OPERATIONGRAPH_*, _TENSOR_*, _VARIANT_PACK_*
    internal const int GraphHandle = 800, GraphOperations = 801, TensorAlignment = 900, TensorDataType = 901,
        TensorDimensions = 902, TensorStrides = 903, TensorUniqueId = 906, TensorIsVirtual = 907, PackIds = 1000,
        PackPointers = 1001,
        PackWorkspace = 1003;

    // cudnnBackendHeurMode_t, cudnnBackendNumericalNote_t
    internal const int ModeFallback = 2, ModeA = 3, NoteTensorCore = 0, NoteDownConvertsInputs = 1,
        NoteReducedPrecisionReduction = 2, NoteFft = 3, NoteNondeterministic = 4, NoteWinogradTile6 = 7,
        NoteWinogradTile13 = 8;
}
