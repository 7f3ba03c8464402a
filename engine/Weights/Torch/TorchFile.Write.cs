using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

internal static partial class TorchFile
{
    private const string Folder = "archive/";

    /// <summary>
    /// Writes a file that <c>torch.load</c> reads, also with <c>weights_only=True</c>; whole or not at all. Without
    /// metadata and classes it is a plain state dict; else a dictionary as published checkpoints are: <c>model</c>,
    /// <c>num_classes</c>, <c>idx_to_class</c> and <c>metadata</c>.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="state">Tensors and metadata.</param>
    /// <param name="classes">Number of outputs, or null.</param>
    /// <param name="classNames">Names of outputs by their number, or null.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static void Write(
        string path, StateDict state, int? classes = null, IReadOnlyDictionary<int, string>? classNames = null,
        CancellationToken cancellation = default) =>
        Files.WriteAtomically(path, stream => Write(stream, state, classes, classNames), cancellation);

    /// <summary>Writes the bytes of such a file.</summary>
    public static void Write(
        Stream stream, StateDict state, int? classes = null, IReadOnlyDictionary<int, string>? classNames = null)
    {
        var zip = new StoredZipWriter(stream);
        zip.Add(Folder + PickleRecord, Pickle(state, classes, classNames));
        zip.Add(Folder + "byteorder", Encoding.ASCII.GetBytes("little"));
        var key = 0;
        foreach (var tensor in state)
            zip.Add($"{Folder}data/{Key(key++)}", tensor.Data);
        zip.Add(Folder + "version", Encoding.ASCII.GetBytes("3\n"));
        zip.Finish();
    }

    private static byte[] Pickle(StateDict state, int? classes, IReadOnlyDictionary<int, string>? classNames)
    {
        using var pickle = new PickleWriter();
        if (state.Metadata.Count == 0 && classes is null && classNames is null)
        {
            Tensors(pickle, state);
            return pickle.Finish();
        }
        pickle.Dictionary();
        pickle.BeginItems();
        pickle.Text(WeightsFile.ModelKey);
        Tensors(pickle, state);
        if (classes is { } count)
        {
            pickle.Text(WeightsFile.ClassCountKey);
            pickle.Number(count);
        }
        if (classNames is not null)
            Classes(pickle, classNames);
        if (state.Metadata.Count > 0)
            Metadata(pickle, state);
        pickle.EndItems();
        return pickle.Finish();
    }

    private static void Tensors(PickleWriter pickle, StateDict state)
    {
        pickle.OrderedDictionary();
        pickle.BeginItems();
        var key = 0;
        foreach (var tensor in state)
        {
            pickle.Text(tensor.Name);
            pickle.Tensor(
                tensor, PickleGlobals.Storages.First(item => item.Value == tensor.Type).Key + "Storage", Key(key++));
        }
        pickle.EndItems();
    }

    private static void Classes(PickleWriter pickle, IReadOnlyDictionary<int, string> names)
    {
        pickle.Text(WeightsFile.ClassNamesKey);
        pickle.Dictionary();
        pickle.BeginItems();
        foreach (var (index, name) in names)
        {
            pickle.Number(index);
            pickle.Text(name);
        }
        pickle.EndItems();
    }

    private static void Metadata(PickleWriter pickle, StateDict state)
    {
        pickle.Text(WeightsFile.MetadataKey);
        pickle.Dictionary();
        pickle.BeginItems();
        foreach (var (name, text) in state.Metadata)
        {
            pickle.Text(name);
            pickle.Text(text);
        }
        pickle.EndItems();
    }

    private static string Key(int number) => number.ToString(CultureInfo.InvariantCulture);
}
