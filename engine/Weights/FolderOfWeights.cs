using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>
/// Finds the file that is meant if a folder, or one of several files of a model, is given as a file of weights.
/// </summary>
internal static partial class FolderOfWeights
{
    private const int Listed = 3;

    // What the folder of a training run or a download is likely to have, the likeliest first.
    private static readonly string[] Likely = ["best.safetensors", "model.safetensors.index.json", "model.safetensors",
        "pytorch_model.bin.index.json", "pytorch_model.bin"];
    private static readonly string[] Endings = [".safetensors", ".pth", ".pt", ".ckpt", ".bin"];

    /// <summary>The advice on what to do, without a full stop.</summary>
    public static string Advice(string folder)
    {
        try
        {
            var names = Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry))
                .Order(StringComparer.Ordinal).ToList();
            if (names.Contains("saved_model.pb"))
                return "it holds a TensorFlow model (SavedModel), whose weights cannot be read";
            if (names.Contains(TorchFile.PickleRecord) && names.Contains("data"))
            {
                return "it is an unpacked PyTorch file: download the file itself, or pack the folder again without "
                    + "compression (zip -0 -r weights.pth FOLDER)";
            }

            if (Likely.FirstOrDefault(names.Contains) is { } likely)
                return $"give the file {Path.Combine(folder, likely)}";
            var some = names.Where(name => Endings.Contains(Path.GetExtension(name).ToLowerInvariant())).ToList();
            var listed = string.Join(", ", some.Take(Listed))
                + (some.Count > Listed ? $" and {some.Count - Listed} more" : "");
            return some.Count == 0 ? "give a file of weights" : $"give a file in it: {listed}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"give a file of weights ({e.Message})";
        }
    }

    /// <summary>
    /// The addition to the message about a file that lacks tensors: if it is one of several, as
    /// <c>model-00001-of-00002.safetensors</c>,
    /// that.
    /// </summary>
    public static string ShardHint(string path) => ShardName().Match(Path.GetFileName(path)) is { Success: true } match
        ? "; it is one of several files of a model: get all of them and give "
            + $"{match.Groups["name"].Value}{match.Groups["ending"].Value}.index.json"
        : "";

    [GeneratedRegex(
        @"^(?<name>.+)-\d{5}-of-\d{5}(?<ending>\.[a-z]+)$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex ShardName();
}
