using Flixstock.Engine;
using static Flixstock.Tests.Weights.TestPickle;

namespace Flixstock.Tests.Weights;

/// <summary>
/// What surrounds weights in checkpoints of others becomes inert data; what wants to be executed is refused, however it
/// is dressed up.
/// </summary>
[TestFixture]
public sealed class PlaceholderTests
{
    private const string Scheduler = "ctorch.optim.lr_scheduler\nOneCycleLR\n", Object = Scheduler + ")\u0081",
        GetAttribute = "c__builtin__\ngetattr\n";

    // Written by PyTorch 1.13: tools/peers/checkpoint_surroundings.py.
    [TestCase("scheduler_onecycle_zip", "optimizer, scheduler")]
    [TestCase("scheduler_onecycle_legacy", "scheduler")]
    [TestCase("scheduler_object_zip", "scheduler")]
    [TestCase("scheduler_protocol4_zip", "one, swa")]
    [TestCase(
        "outside_the_weights_zip", "swa, criterion, partial, deque, counter, defaultdict, frozen, complex and 14 more")]
    public void CheckpointsWithSchedulersAreReadAndWhatIsLeftOutIsNamed(string name, string leftOut)
    {
        var file = WeightsFile.Read(Golden.PathOf($"pth/{name}.pth"));
        Assert.That(
            file.State.Select(tensor => $"{tensor.Name} {tensor.ShapeText}"),
            Is.EqualTo(new[] { "weight [2, 2]", "bias [2]" }));
        Assert.That(file.Notes.Single(), Does.EndWith(": " + leftOut));
    }

    [TestCase(GetAttribute + Object + "X\u000e\0\0\0_annealing_cos\u0086R",
        ExpectedResult = "torch.optim.lr_scheduler.OneCycleLR._annealing_cos")]
    [TestCase("cbuiltins\ngetattr\n" + Scheduler + "X\u000e\0\0\0_annealing_cos\u0086R",
        ExpectedResult = "torch.optim.lr_scheduler.OneCycleLR._annealing_cos")]
    [TestCase("ctorch.optim.swa_utils\nSWALR\n)\u0081", ExpectedResult = "torch.optim.swa_utils.SWALR")]
    [TestCase("cfunctools\npartial\nctorch.optim.sgd\nSGD\n\u0085R", ExpectedResult = "functools.partial")]
    [TestCase("cbuiltins\ntype\nN\u0085R", ExpectedResult = "types.NoneType")]
    [TestCase("c_operator\ngetitem\nctyping\nOptional\ncbuiltins\nint\n\u0086R", ExpectedResult = "typing.Optional")]
    public string PairsOfFunctionAndFirstArgumentBecomePlaceholders(string pickle)
    {
        var root = (TorchDictionary)TorchFile.Parse(
            File(Of(("model", TinyWeights.Other("w")), ("beside", new Raw(pickle)))), "made.pth").Root!;
        return ((TorchObject)root["beside"]!).TypeName;
    }

    [TestCase(GetAttribute + "c__builtin__\nunicode\nX\u0004\0\0\0join\u0086R", "getattr on __builtin__.unicode",
        TestName = "of a class that is not on the list")]
    [TestCase(GetAttribute + Object + "X\u0008\0\0\0__init__\u0086R", "getattr on torch.optim.lr_scheduler.OneCycleLR",
        TestName = "what has a meaning to Python")]
    [TestCase(GetAttribute + Object + "X\u000b\0\0\0a.__class__\u0086R", "getattr", TestName = "a name with a dot")]
    [TestCase(GetAttribute + GetAttribute + Object + "X\u000e\0\0\0_annealing_cos\u0086R" + "X\u0001\0\0\0x\u0086R",
        "getattr on torch.optim.lr_scheduler.OneCycleLR._annealing_cos", TestName = "of what getattr gave")]
    [TestCase(GetAttribute + "cos\nsystem\nX\u0001\0\0\0x\u0086R", "os.system", TestName = "of a module")]
    [TestCase(GetAttribute + "X\u0001\0\0\0xX\u0001\0\0\0x\u0086R", "getattr", TestName = "of a text")]
    [TestCase(GetAttribute + ")R", "getattr", TestName = "of nothing")]
    [TestCase(GetAttribute + "c__builtin__\nNone\n\u0085R", "__builtin__.None", TestName = "of a name that nobody has")]
    [TestCase(GetAttribute, "__builtin__.getattr", TestName = "getattr itself, not called")]
    [TestCase(GetAttribute + Object + "X\u000e\0\0\0_annealing_cos\u0086R)R", "not a function by name",
        TestName = "a method that is called")]
    [TestCase("cfunctools\npartial\nX\u0001\0\0\0x\u0085R", "functools.partial", TestName = "a partial call of a text")]
    [TestCase("cfunctools\npartial\ncbuiltins\neval\n\u0085R", "builtins.eval", TestName = "a partial call of eval")]
    [TestCase("cbuiltins\ntype\nX\u0001\0\0\0x)}\u0087R", "builtins.type", TestName = "a class that is made")]
    [TestCase(
        "ctorch.optim.swa_utils\nSWALR.__init__\n", "SWALR.__init__",
        TestName = "a dotted name with a meaning to Python")]
    [TestCase("ctorch.optim.lr_scheduler\nwarnings.sys\n", "warnings.sys", TestName = "a dotted name of a module")]
    [TestCase(
        "c_operator\ngetitem\nccollections\nOrderedDict\nK\0\u0086R", "getitem",
        TestName = "an element of a dictionary")]
    public void WhatCouldBeExecutedIsRefused(string pickle, string named)
    {
        var file = File(Of(("model", TinyWeights.Other("w")), ("beside", new Raw(pickle))));
        Assert.That(() => TorchFile.Parse(file, "made.pth"), Throws.TypeOf<InputException>().With.Message
            .Contains(named).And.Message.StartsWith("made.pth: ").And.Message.Not.Contain("\n"));
    }

    [Test]
    public void ARefusalSaysWhatToDo([Values(
        "evil_getattr_zip", "evil_os_system_zip", "evil_builtins_eval_zip", "evil_os_system_legacy",
        "evil_plain_pickle")] string name)
    {
        Golden.Require();
        Assert.That(() => WeightsFile.Read(Golden.PathOf($"pth/{name}.pth")),
            Throws.TypeOf<InputException>().With.Message.Contains("nothing was executed").And.Message
            .Contains("torch.save(model.state_dict()"));
    }

    [Test]
    public void AWholeModelIsNamedAsSuch()
    {
        var file = File(new Raw("ctorch.nn.modules.container\nSequential\n)\u0081"));
        Assert.That(() => TorchFile.Parse(file, "made.pth"), Throws.TypeOf<InputException>().With.Message
            .Contains("whole modules").And.Message.Contains("state_dict"));
    }

    [Test]
    public void TensorsWithAttributesAreTensors()
    {
        const string Tensor = "ctorch._tensor\n_rebuild_from_type_v2\nctorch._utils\n_rebuild_tensor_v2\n"
            + "ctorch\nTensor\n";
        var wrong = File(Of(("w", new Raw(Tensor + "()t}t\u0085R"))));
        Assert.That(() => TorchFile.Parse(wrong, "made.pth"), Throws.TypeOf<InputException>());
        var other = File(Of(("w", new Raw(Tensor.Replace("ctorch\nTensor", "ctorch\ndevice", StringComparison.Ordinal)
            .Replace("v2\nctorch._utils", "v2\n(ctorch._utils", StringComparison.Ordinal) + ")}tR"))));
        Assert.That(() => TorchFile.Parse(other, "made.pth"), Throws.TypeOf<InputException>().With.Message
            .Contains("of the class torch.device"));
    }
}
