using System.Numerics;

namespace Flixstock.Engine;

/// <summary>
/// The format before PyTorch 1.6: pickles of a magic number, a version, the machine, the contents and the keys of
/// storages, then each storage's elements.
/// </summary>
internal sealed class TorchLegacy
{
    private const long Protocol = 1001;
    private const int LongestKey = 100;
    private static readonly BigInteger Magic = BigInteger.Parse(
        "1950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber, null);
    private readonly ByteCursor _input;
    private readonly ReadBudget _budget;
    private readonly Dictionary<string, TorchStorage> _storages = new(StringComparer.Ordinal);

    private TorchLegacy(ReadOnlyMemory<byte> bytes, ReadBudget budget)
    {
        (_input, _budget) = (new ByteCursor(bytes), budget);
    }

    public static object? Read(ReadOnlyMemory<byte> bytes, ReadBudget budget)
    {
        if (bytes.Length == 0)
            throw new InputException("the file is empty");
        if (!TorchFile.Recognizes(bytes.Span))
            throw new InputException("it begins neither as a ZIP archive nor as a pickle");
        return new TorchLegacy(bytes, budget).Read();
    }

    private object? Read()
    {
        if (Pickle() is not BigInteger magic || magic != Magic)
        {
            throw new InputException($"it is a pickle, but does not begin with PyTorch's magic number: another program "
                + $"wrote it; {TorchFile.Remedy}");
        }

        var protocol = Pickle();
        if (protocol is not Protocol)
        {
            var version = protocol is long number ? $"{number}" : "that is not a number";
            throw new InputException($"it is of the format's version {version}; version {Protocol} can be read");
        }
        if (Pickle() is not TorchDictionary machine || machine["little_endian"] is not true)
        {
            throw new InputException(
                "it does not say that its numbers are little-endian; save it on a little-endian machine");
        }
        var root = Pickle();
        ReadStorages();
        return root;
    }

    private object? Pickle() => new PickleReader(_input, _budget, Load).Read();

    // ('storage', class, key, location, number of elements, view of another storage)
    private TorchStorage Load(TorchList reference)
    {
        if (reference.Items is not [
            "storage", PickleGlobal { Meaning: PickleMeaning.Storage } global, string key, string, long count, null])
        {
            throw new InputException("its pickle refers to a storage in an unknown way");
        }
        if (key.Length is 0 or > LongestKey || count < 0)
            throw new InputException($"a storage has a wrong key or {count} elements");
        if (_storages.TryGetValue(key, out var known))
        {
            return known.Type == global.Type && known.Count == count
                ? known
                : throw new InputException($"storage '{key}' is described in two ways");
        }
        _budget.Charge(250);
        var storage = new TorchStorage(key, global.Type, count);
        _storages.Add(key, storage);
        return storage;
    }

    private void ReadStorages()
    {
        if (Pickle() is not TorchList keys)
            throw new InputException("the list of its storages is missing");
        var waiting = new HashSet<string>(_storages.Keys, StringComparer.Ordinal);
        foreach (var item in keys.Items)
        {
            if (item is not string key || !waiting.Remove(key))
                throw new InputException("the list of its storages has one that no tensor uses, or one twice");
            var storage = _storages[key];
            var count = _input.Int64();
            if (count != storage.Count)
                throw new InputException($"storage '{key}' has {count} elements, its tensors expect {storage.Count}");
            if (count > _input.Left)
            {
                throw new InputException($"it is cut off: storage '{key}' of {count} elements begins at byte "
                    + $"{_input.Position}, {_input.Left} bytes are there");
            }
            storage.Data = _input.Take(count * storage.Type.Size());
        }
        if (waiting.Count > 0)
            throw new InputException($"{waiting.Count} of its storages have no elements");
    }
}
