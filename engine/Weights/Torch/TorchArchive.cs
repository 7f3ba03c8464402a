using System.Text;

namespace Flixstock.Engine;

/// <summary>The ZIP format: a pickle <c>data.pkl</c>, and a record <c>data/KEY</c> for every storage.</summary>
internal sealed class TorchArchive
{
    private const int LongestKey = 100;
    private readonly ZipRecords _records;
    private readonly ReadBudget _budget;
    private readonly string _prefix;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _data = new(StringComparer.Ordinal);

    public TorchArchive(ReadOnlyMemory<byte> bytes, ReadBudget budget)
    {
        _budget = budget;
        _records = new ZipRecords(bytes, budget);
        _prefix = FindPrefix();
    }

    public object? Read()
    {
        if (_records.Has(_prefix + "byteorder")
            && Encoding.ASCII.GetString(_records.Read(_prefix + "byteorder").Span) is not "little")
        {
            throw new InputException("its numbers are big-endian; save it on a little-endian machine");
        }
        var pickle = new ByteCursor(_records.Read(_prefix + TorchFile.PickleRecord));
        var root = new PickleReader(pickle, _budget, Load).Read();
        return pickle.Left == 0
            ? root
            : throw new InputException($"{TorchFile.PickleRecord} has {pickle.Left} bytes after its pickle");
    }

    private string FindPrefix()
    {
        var found = _records.Names.Where(name => name == TorchFile.PickleRecord
            || (name.EndsWith('/' + TorchFile.PickleRecord, StringComparison.Ordinal)
                && name.Count(c => c == '/') == 1)).ToList();
        if (found.Count != 1)
        {
            throw new InputException(found.Count == 0
                ? $"the archive has no record {TorchFile.PickleRecord}, it is not one that torch.save writes: "
                    + $"{ForeignFile.DescribeArchive([.. _records.Names])}"
                : $"the archive has {found.Count} records {TorchFile.PickleRecord}");
        }
        var prefix = found[0][..^TorchFile.PickleRecord.Length];
        return !_records.Has(prefix + "constants.pkl")
            ? prefix
            : throw new InputException(
                "it is a TorchScript program; save its state_dict() with torch.save and give that file");
    }

    // ('storage', class, key, location, number of elements)
    private TorchStorage Load(TorchList reference)
    {
        if (reference.Items is not [
            "storage", PickleGlobal { Meaning: PickleMeaning.Storage } global, string key, string, long count])
        {
            throw new InputException("its pickle refers to a storage in an unknown way");
        }
        if (key.Length is 0 or > LongestKey || !key.All(char.IsAsciiLetterOrDigit))
            throw new InputException("a storage has a key that is not a number");
        _budget.Charge(150);
        if (!_data.TryGetValue(key, out var data))
            _data.Add(key, data = _records.Read($"{_prefix}data/{key}"));
        return count >= 0 && (Int128)count * global.Type.Size() == data.Length
            ? new TorchStorage(key, global.Type, count) { Data = data }
            : throw new InputException($"record data/{key} has {data.Length} bytes, its storage of {count} elements of "
                + $"{global.Type} is of another size");
    }
}
