using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

public static partial class TorchFile
{
    private const string Folder = "archive/";

    /// <summary>
    /// Writes a file that <c>torch.load</c> reads, also with <c>weights_only=True</c>; whole or not at all. Without metadata and class names it is a plain state
    /// dict; else a dictionary as published checkpoints are: <c>model</c>, <c>num_classes</c> and <c>idx_to_class</c> where there are class names, and
    /// <c>metadata</c>.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="state">Tensors and metadata.</param>
    /// <param name="classNames">Name of every output, or null.</param>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static void Write(string path, StateDict state, IReadOnlyList<string>? classNames = null) =>
        Files.WriteAtomically(path, stream => Write(stream, state, classNames));

    /// <summary>Writes the bytes of such a file.</summary>
    public static void Write(Stream stream, StateDict state, IReadOnlyList<string>? classNames = null)
    {
        var zip = new StoredZipWriter(stream);
        zip.Add(Folder + PickleRecord, Pickle(state, classNames));
        zip.Add(Folder + "byteorder", Encoding.ASCII.GetBytes("little"));
        var key = 0;
        foreach (var tensor in state)
            zip.Add($"{Folder}data/{Key(key++)}", tensor.Data);
        zip.Add(Folder + "version", Encoding.ASCII.GetBytes("3\n"));
        zip.Finish();
    }

    private static byte[] Pickle(StateDict state, IReadOnlyList<string>? classNames)
    {
        using var pickle = new PickleWriter();
        if (state.Metadata.Count == 0 && classNames is null)
        {
            Tensors(pickle, state);
            return pickle.Finish();
        }
        pickle.Dictionary();
        pickle.BeginItems();
        pickle.Text(WeightsFile.ModelKey);
        Tensors(pickle, state);
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
            pickle.Tensor(tensor, PickleGlobals.Storages.First(item => item.Value == tensor.Type).Key + "Storage", Key(key++));
        }
        pickle.EndItems();
    }

    private static void Classes(PickleWriter pickle, IReadOnlyList<string> names)
    {
        pickle.Text(WeightsFile.ClassCountKey);
        pickle.Number(names.Count);
        pickle.Text(WeightsFile.ClassNamesKey);
        pickle.Dictionary();
        pickle.BeginItems();
        for (var k = 0; k < names.Count; k++)
        {
            pickle.Number(k);
            pickle.Text(names[k]);
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
