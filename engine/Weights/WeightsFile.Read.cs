namespace Flixstock.Engine;

public sealed partial class WeightsFile : IDisposable
{
    private IDisposable? _mapping;
    private bool _disposed;

    /// <summary>Reads a file; its contents decide what it is, not its name.</summary>
    /// <param name="path">The file; followed by a colon and a name of <see cref="Entries"/>, to read that one.</param>
    /// <param name="asStored">
    /// Leave names as the file has them: nothing is taken off, nothing mapped. Of several sets of which none is the
    /// likeliest the first is read: see <see cref="RequireDecided"/>.
    /// </param>
    /// <param name="cancellation">Stops in the middle of a large file.</param>
    /// <exception cref="InputException">It is missing, damaged or holds no weights; says what is wrong.</exception>
    public static WeightsFile Read(string path, bool asStored = false, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var (file, entry) = SplitEntry(path);
        StagedOutput.SettleFor(file);
        return IndexIn(file) is { } index
            ? FromShards(index, asStored, entry, cancellation)
            : ReadOne(file, entry, asStored, cancellation);
    }

    /// <summary>
    /// Every file that is read for a path: without the name of a set after a colon, and for a model in several files
    /// all of them.
    /// </summary>
    internal static IReadOnlyList<string> FilesOf(string path)
    {
        var (file, _) = SplitEntry(path);
        try
        {
            return File.Exists(file) && IndexIn(file) is { } index
                ? [file, .. index.Files().Select(shard => shard.File)]
                : [file];
        }
        catch (InputException)
        {
            return [file]; // its reader reports what is wrong
        }
    }

    /// <summary>Refuses to replace a file that the same command reads, also by way of links of both kinds.</summary>
    /// <param name="input">
    /// The file to read; of weights also <c>FILE:NAME</c>, or the list of a model in several files.
    /// </param>
    /// <param name="output">The file to write; need not exist.</param>
    /// <param name="name">Name of the second file in messages.</param>
    /// <exception cref="InputException">They are the same file.</exception>
    public static void RequireOther(string input, string output, string name)
    {
        if (WeightsFile.FilesOf(input).Any(file => Files.AreSame(file, output)))
        {
            throw new InputException(
                $"{name} {output}: that is the file to read, which would be lost; choose another name");
        }
    }

    /// <summary>Lets the file go; its tensors must not be used any more.</summary>
    public void Dispose()
    {
        _disposed = true;
        _mapping?.Dispose();
    }

    private static ShardIndex? IndexIn(string path)
    {
        using var mapped = MappedFile.Open(path);
        return ShardIndex.Recognizes(mapped.Bytes.Span) ? ShardIndex.Parse(mapped.Bytes, path) : null;
    }

    private static WeightsFile ReadOne(string file, string? entry, bool asStored, CancellationToken cancellation)
    {
        IDisposable? mapping = null;
        try
        {
            var mapped = MappedFile.Open(file);
            mapping = mapped;
            if (TorchFile.Recognizes(mapped.Bytes.Span))
                return Parse(WholeFile.Read(file, cancellation), file, asStored, entry, cancellation);
            var weights = Parse(mapped.Bytes, file, asStored, entry, cancellation);
            (weights._mapping, mapping) = (mapping, null);
            return weights;
        }
        finally
        {
            mapping?.Dispose();
        }
    }

    // A file of that very name is meant first; else what is before a colon, if that is a file.
    private static (string File, string? Entry) SplitEntry(string path)
    {
        if (File.Exists(path) || Directory.Exists(path))
            return (path, null);
        for (var colon = path.IndexOf(':'); colon >= 0; colon = path.IndexOf(':', colon + 1))
        {
            if (File.Exists(path[..colon]))
                return (path[..colon], path[(colon + 1)..]);
        }
        return (path, null);
    }

    // Each file on its own and as it is, then all tensors together as if they were in one file.
    private static WeightsFile FromShards(
        ShardIndex index, bool asStored, string? entry, CancellationToken cancellation)
    {
        var mappings = new Mappings();
        try
        {
            var state = new StateDict();
            foreach (var (path, tensors) in index.Files())
            {
                if (!File.Exists(path))
                {
                    throw new InputException($"{index.Path}: it lists {System.IO.Path.GetFileName(path)}, which is not "
                        + $"next to it; get all files of the model");
                }

                var shard = ReadOne(path, entry: null, asStored: true, cancellation);
                mappings.Add(shard);
                foreach (var name in tensors)
                    state.Add(Tensor(index, shard, name));
            }
            var file = new WeightsFile
            {
                Path = index.Path,
                Format = $"{mappings.Count} files",
                State = state,
                Choice = ChoiceOf(state, entry, index.Path),
                _mapping = mappings,
            };
            return asStored ? file : file.WithPublishedNames();
        }
        catch
        {
            mappings.Dispose();
            throw;
        }
    }

    private static StateTensor Tensor(ShardIndex index, WeightsFile shard, string name) => shard.State.Find(name)
        ?? throw new InputException($"{index.Path}: it says that tensor '{TorchFile.Shown(name)}' is in "
            + $"{System.IO.Path.GetFileName(shard.Path)}, "
            + $"which has {Listed([.. shard.State.Names.Select(TorchFile.Shown)])}; get the files of one model");

    private sealed class Mappings : IDisposable
    {
        private readonly List<WeightsFile> _files = [];

        public int Count => _files.Count;

        public void Add(WeightsFile file) => _files.Add(file);

        public void Dispose() => _files.ForEach(file => file.Dispose());
    }
}
