using System.IO.Compression;
using System.Text;
using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>
/// Files that are no weights are named for what they are, by their contents; a model in several files is read by its
/// list.
/// </summary>
[TestFixture]
public sealed class ForeignFilesTests
{
    private static IEnumerable<TestCaseData> Kinds()
    {
        TestCaseData Case(string name, byte[] bytes, params string[] said) =>
            new TestCaseData(bytes, said).SetName($"Named: {name}");
        byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
        yield return Case(
            "a Git LFS pointer", Text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 117873965\n"),
            "Git LFS pointer", "117873965 bytes", "git lfs pull");
        yield return Case(
            "a web page", Text("\n<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title>"),
            "web page", "download");
        yield return Case("a page with a mark", Text("\uFEFF<HTML><body>"), "web page");
        yield return Case("a page with a comment first", Text("<!-- x -->\n<html>"), "web page");
        yield return Case(
            "a server's error", Text("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"),
            "XML", "download");
        yield return Case("settings", Text("{\"architectures\": [\"TResNet\"]}"), "JSON");
        yield return Case("a text", Text("Not Found\r\nmore"), "text that begins with 'Not Found'");
        yield return Case("ONNX", [8, 8, 0x12, 7, .. "pytorch"u8], "ONNX", "exported from");
        yield return Case("SavedModel", [8, 1, 0x12, 0x90, 3, 0x0a, 0, 0, 0, 0], "TensorFlow");
        yield return Case("HDF5", [0x89, .. "HDF\r\n\u001a\n"u8, 0, 0], "HDF5", "Keras");
        yield return Case("TensorFlow Lite", [0x20, 0, 0, 0, .. "TFL3"u8, 0, 0], "TensorFlow Lite");
        yield return Case("NumPy", [0x93, .. "NUMPY"u8, 1, 0], "NumPy");
        yield return Case("several NumPy arrays", TestArchives.Zip([new("a.npy", [1])]), "NumPy", ".npz");
        yield return Case(
            "Keras",
            TestArchives.Zip([new("config.json", [1]), new("metadata.json", [1]), new("model.weights.h5", [1])]),
            "Keras");
        yield return Case(
            "an archive around the file", TestArchives.Zip([new("readme.txt", [1]), new("run/best.pth", [1])]),
            "unpack", "run/best.pth");
        yield return Case("gzip", Gzip(), "gzip", "unpack");
        yield return Case("GGUF", [.. "GGUF"u8, 3, 0, 0, 0], "GGUF");
        yield return Case("tar", Tar(), "tar archive", "tar xf");
        yield return Case("a picture", [0xff, 0xd8, 0xff, 0xe0], "JPEG");
        yield return Case("nothing", [], "empty (0 bytes)", "again");
        yield return Case(
            "an archive that is cut off", TestArchives.Zip([new("a/data.pkl", new byte[500])])[..300], "cut off",
            "300 bytes", "download");
        yield return Case("bytes of nobody", [0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3, 4], "deadbeef");
    }

    [TestCaseSource(nameof(Kinds))]
    public void AFileIsNamedByItsContents(byte[] bytes, string[] said)
    {
        foreach (var name in (string[])["model.pth", "model.safetensors", "pytorch_model.bin", "model"])
        {
            if (name == "model.safetensors" && said[0] == "deadbeef")
                continue; // the reader of that format says what is wrong with its header
            var e = Assert.Throws<InputException>(() => WeightsFile.Parse(bytes, name))!;
            Assert.That(e.Message, Does.StartWith(name + ": ").And.Not.Contain("\n"));
            foreach (var part in said)
                Assert.That(e.Message, Does.Contain(part));
        }
    }

    [Test]
    public void AnyEndingIsReadByContents(
        [Values("pytorch_model.bin", "weights.safetensors", "weights", "weights.pkl")] string torch,
        [Values("model.pth", "model.bin")] string safetensors)
    {
        Assert.That(WeightsFile.Parse(TestPickle.File(TinyWeights.Plain), torch).Format, Is.EqualTo("PyTorch, zip"));
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, TinyWeights.Plain);
        Assert.That(WeightsFile.Parse(stream.ToArray(), safetensors).Format, Is.EqualTo("safetensors"));
    }

    [TestCase("model.safetensors", "model.safetensors.index.json")]
    [TestCase("pytorch_model.bin", "pytorch_model.bin.index.json")]
    public void AModelInSeveralFilesIsReadByItsList(string name, string index)
    {
        using var folder = new TemporaryFolder();
        var (first, second) = Shards(folder, name, prefix: "model.");
        using (var file = WeightsFile.Read(folder[index]))
        {
            Assert.That(TinyWeights.Same(file.State, TinyWeights.Plain));
            Assert.That(file.Format, Is.EqualTo("2 files"));
        }
        using (var checkpoint = Checkpoint.Load(folder[index]))
            Assert.That(((TResNetOptions)checkpoint.Model).Layers, Is.EqualTo(TinyWeights.Options.Layers));
        Assert.That(() => Checkpoint.Load(folder[second]), Throws.TypeOf<InputException>().With.Message
            .Contains($"one of several files of a model: get all of them and give {index}"));
        File.Move(folder[second], folder["elsewhere"]);
        Assert.That(() => WeightsFile.Read(folder[index]), Throws.TypeOf<InputException>().With.Message
            .Contains($"{index}: it lists {second}, which is not next to it"));
        File.Copy(folder[first], folder[second]);
        Assert.That(() => WeightsFile.Read(folder[index]), Throws.TypeOf<InputException>().With.Message
            .Contains($"is in {second}, which has"));
    }

    [TestCase("{\"weight_map\": {\"a\": \"../a.safetensors\"}}", "not a file next to it")]
    [TestCase("{\"weight_map\": {\"a\": \"/etc/passwd\"}}", "not a file next to it")]
    [TestCase("{\"weight_map\": {\"a\": \"x.index.json\"}}", "lists the files of a model")]
    [TestCase("{\"weight_map\": {}}", "names none")]
    [TestCase("{\"weight_map\": {\"a\": \"b\", \"a\": \"b\"}}", "tensor 'a' twice")]
    [TestCase("{\"weight_map\": 3}", "does not parse")]
    [TestCase("{\"weight_map\": {\"a\": 3}}", "does not parse")]
    [TestCase("{\"weight_map\": {", "does not parse")]
    public void AListThatIsWrongIsRefused(string json, string said)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["x.index.json"], json);
        Assert.That(() => WeightsFile.Read(folder["x.index.json"]), Throws.TypeOf<InputException>().With.Message
            .Contains(said).And.Message.Contains("x.index.json"));
    }

    [Test]
    public void AFolderSaysWhichOfItsFilesIsMeant()
    {
        using var folder = new TemporaryFolder();
        void Says(string text) => Assert.That(() => WeightsFile.Read(folder["run"]),
            Throws.TypeOf<InputException>().With.Message.Contains("it is a folder; " + text));
        Directory.CreateDirectory(folder["run"]);
        Says("give a file of weights");
        File.WriteAllText(folder["run/b.pth"], "");
        File.WriteAllText(folder["run/a.ckpt"], "");
        Says("give a file in it: a.ckpt, b.pth");
        File.WriteAllText(folder["run/model.safetensors.index.json"], "");
        Says($"give the file {folder["run/model.safetensors.index.json"]}");
        Directory.CreateDirectory(folder["run/data"]);
        File.WriteAllText(folder["run/data.pkl"], "");
        Says("it is an unpacked PyTorch file");
    }

    private static (string First, string Second) Shards(TemporaryFolder folder, string name, string prefix)
    {
        var (stem, ending) = (Path.GetFileNameWithoutExtension(name), Path.GetExtension(name));
        string[] files = [$"{stem}-00001-of-00002{ending}", $"{stem}-00002-of-00002{ending}"];
        var names = TinyWeights.Plain.Names.ToList();
        for (var i = 0; i < 2; i++)
        {
            var part = TinyWeights.With(prefix, TinyWeights.Only(tensor => names.IndexOf(tensor) < 40 == (i == 0)));
            using var stream = new MemoryStream();
            SafetensorsFile.Write(stream, part);
            File.WriteAllBytes(folder[files[i]], ending == ".bin" ? TestPickle.File(part) : stream.ToArray());
        }
        var map = string.Join(", ", names.Select((tensor, k) => $"\"{prefix}{tensor}\": \"{files[k < 40 ? 0 : 1]}\""));
        File.WriteAllText(
            folder[name + ".index.json"], $"{{\"metadata\": {{\"total_size\": 1}}, \"weight_map\": {{{map}}}}}");
        return (files[0], files[1]);
    }

    private static byte[] Gzip()
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write([1, 2, 3]);
        return memory.ToArray();
    }

    private static byte[] Tar()
    {
        var bytes = new byte[1024];
        "best.pth"u8.CopyTo(bytes);
        "ustar"u8.CopyTo(bytes.AsSpan(257));
        return bytes;
    }
}
