using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>Files that PyTorch wrote, and broken and hostile ones: golden/pth, one test each.</summary>
[TestFixture]
public sealed class TorchFileGoldenTests
{
    private const string Raw = "tiny_raw.ckpt";
    private static readonly Lazy<JsonElement> AllExpected =
        new(() => Golden.Json("pth/expected.json").GetProperty("files"));

    private static readonly Lazy<StateDict> Elements = new(() => Golden.Tensors("pth/expected.safetensors"));
    private static readonly Lazy<StateDict> Tiny = new(() => Golden.Tensors("model/tiny_a.safetensors"));

    private static JsonElement Expected => AllExpected.Value;

    private static IEnumerable<TestCaseData> Good => Names(kind => kind != "error");

    private static IEnumerable<TestCaseData> Bad => Names(kind => kind == "error");

    private static IEnumerable<TestCaseData> Names(Func<string, bool> choose) => Golden.Cases(
        () => Expected.EnumerateObject().Where(file => choose(file.Value.GetProperty("expect").GetString()!))
            .Select(file => file.Name));

    private static TorchContent Parsed(string name) => TorchFile.Parse(Bytes(name), name);

    private static byte[] Bytes(string name) =>
        name == Raw ? TestArchives.TinyRaw() : File.ReadAllBytes(Golden.PathOf("pth/" + name));

    [TestCaseSource(nameof(Good))]
    public void AFileOfPyTorchIsReadBitForBit(string name)
    {
        var content = Parsed(name);
        Assert.That(content.Format, Is.EqualTo(
            Expected.GetProperty(name).TryGetProperty("format", out var format) ? format.GetString() : "zip"));
        if (Expected.GetProperty(name).TryGetProperty("content", out var tree))
            AssertSame(content, content.Root, tree, name.StartsWith("tiny", StringComparison.Ordinal) ? "state" : "");
        else
            AssertSameAs(content, "state_dict_zip.pth"); // the deflated copy of that file
    }

    [TestCaseSource(nameof(Bad))]
    public void ABrokenOrHostileFileIsRefusedByOneLineThatNamesIt(string name)
    {
        var bytes = Bytes(name);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<InputException>(() => TorchFile.Parse(bytes, name))!;
        Assert.That(e.Message, Does.StartWith(name + ": ").And.Not.Contains("\n"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(bytes.Length + (64 << 20)));
        TestContext.Out.WriteLine(e.Message);
    }

    [TestCase("evil_os_system_zip.pth", "posix.system")]
    [TestCase("evil_os_system_legacy.pth", "posix.system")]
    [TestCase("evil_plain_pickle.pth", "posix.system")]
    [TestCase("evil_builtins_eval_zip.pth", "builtin__.eval")]
    [TestCase("evil_getattr_zip.pth", "builtin__.getattr")]
    public void WhatAHostileFileWantsToCallIsNamed(string name, string called)
    {
        Golden.Require();
        Assert.That(() => Parsed(name), Throws.TypeOf<InputException>().With.Message.Contains(called));
    }

    [Test]
    public void ThereAreAsManyFilesAsPublished()
    {
        Golden.Require();
        Assert.That((Good.Count(), Bad.Count()), Is.EqualTo((28, 24)));
    }

    [Test]
    public void ANamespaceBecomesAnInertPlaceholder()
    {
        var root = (TorchDictionary)Parsed("unknown_global_namespace_zip.pth").Root!;
        var placeholder = root.Entries.Select(entry => entry.Value).OfType<TorchObject>().Single();
        Assert.That(placeholder.TypeName, Is.EqualTo("argparse.Namespace"));
        Assert.That(placeholder.State, Is.InstanceOf<TorchDictionary>());
    }

    private static void AssertSameAs(TorchContent content, string other)
    {
        var (actual, expected) = ((TorchDictionary)content.Root!, Parsed(other));
        foreach (var (key, value) in ((TorchDictionary)expected.Root!).Entries)
        {
            Assert.That(
                content.ToStateTensor("", (TorchTensor)actual[key!]!).Data.ToArray(),
                Same.As(expected.ToStateTensor("", (TorchTensor)value!).Data.ToArray()));
        }
    }

    private static void AssertSame(TorchContent content, object? actual, JsonElement expected, string path)
    {
        var kind = expected.GetProperty("kind").GetString()!;
        switch (kind)
        {
            case "dict" or "OrderedDict":
                var dictionary = (TorchDictionary)actual!;
                Assert.That(dictionary.Ordered, Is.EqualTo(kind == "OrderedDict"));
                var entries = expected.GetProperty("items").EnumerateArray().ToList();
                Assert.That(
                    dictionary.Entries.Where(entry => entry.Value is not TorchObject).Select(entry => Text(entry.Key)),
                    Is.EqualTo(entries.Select(entry => entry[0].ToString())));
                foreach (var entry in entries)
                {
                    AssertSame(
                        content, dictionary.Entries.Single(own => Text(own.Key) == entry[0].ToString()).Value, entry[1],
                        path == "state" && entry[0].GetString() == "model" ? path : $"{path}.{entry[0]}");
                }
                break;
            case "list" or "tuple":
                var items = ((TorchList)actual!).Items;
                Assert.That(
                    ((TorchList)actual).Kind, Is.EqualTo(kind == "list" ? TorchListKind.List : TorchListKind.Tuple));
                Assert.That(items, Has.Count.EqualTo(expected.GetProperty("items").GetArrayLength()));
                for (var i = 0; i < items.Count; i++)
                    AssertSame(content, items[i], expected.GetProperty("items")[i], $"{path}.{i}");
                break;
            case "tensor" or "parameter":
                AssertSameTensor(content, (TorchTensor)actual!, expected, path);
                break;
            default:
                Assert.That(Text(actual), Is.EqualTo(Text(Scalar(expected.GetProperty("value")))), path);
                break;
        }
    }

    private static void AssertSameTensor(TorchContent content, TorchTensor actual, JsonElement expected, string path)
    {
        var tensor = content.ToStateTensor(path, actual);
        var golden = expected.TryGetProperty("key", out var key) ? Elements.Value[key.GetString()!] : Tiny.Value[path];
        Assert.That(tensor.Type, Is.EqualTo(golden.Type), path);
        Assert.That(
            tensor.Shape,
            Is.EqualTo(expected.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32())), path);
        Assert.That(tensor.Data.ToArray(), Same.As(golden.Data.ToArray()), path);
        Assert.That(actual.IsParameter, Is.EqualTo(expected.GetProperty("kind").GetString() == "parameter"), path);
        Assert.That(actual.RequiresGradient, Is.EqualTo(expected.GetProperty("requires_grad").GetBoolean()), path);
    }

    private static object? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => BigInteger.TryParse(value.GetRawText(), CultureInfo.InvariantCulture, out var whole)
            ? whole
            : value.GetDouble(),
    };

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
