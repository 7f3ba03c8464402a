using System.Text.Json;
using CsCheck;
using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class SplitChoiceTests
{
    private static JsonElement Library => Golden.Json("split/split_folders_1337.json");

    [Test]
    public void The_published_data_set_is_split_as_by_the_Python_project()
    {
        var parts = SplitChoice.Random(Strings(Library, "files").Reverse(), 1337);
        Assert.Multiple(() =>
        {
            Assert.That(parts.Select(part => part.Length), Is.EqualTo(new[] { 1422, 177, 179 }));
            Assert.That(parts[0].Concat(parts[1]).Concat(parts[2]), Is.EqualTo(Strings(Library, "shuffled")));
            Assert.That(parts[0].Order(StringComparer.Ordinal), Is.EqualTo(Strings(Library, "train")));
            Assert.That(parts[1].Order(StringComparer.Ordinal), Is.EqualTo(Strings(Library, "val")));
            Assert.That(parts[2].Order(StringComparer.Ordinal), Is.EqualTo(Strings(Library, "test")));
        });
    }

    [Test]
    public void Small_lists_are_cut_as_by_the_Python_project()
    {
        foreach (var expected in Library.GetProperty("small").EnumerateArray())
        {
            var count = expected.GetProperty("n").GetInt32();
            var parts = SplitChoice.Random(
                Enumerable.Range(0, count).Select(i => $"f{i:d4}.jpg"), expected.GetProperty("seed").GetUInt64());
            Assert.That(parts.SelectMany(part => part), Is.EqualTo(Strings(expected, "shuffled")), $"{count} files");
            Assert.That(parts[0], Is.EquivalentTo(Strings(expected, "train")), $"{count} files");
            Assert.That(parts[1], Is.EquivalentTo(Strings(expected, "val")), $"{count} files");
        }
    }

    [Test]
    public void The_stratified_split_deals_out_every_picture_once_in_the_same_sizes()
    {
        Check.Sample(Gen.Select(Gen.Int[0, 120], Gen.ULong[0, 1000]), (count, seed) =>
        {
            var random = new SeededRandom(seed);
            var classes = Enumerable.Range(0, count).ToDictionary(
                i => $"f{i:d4}.jpg", _ => new[] { random.Next(-1, 7), random.Next(-1, 4), random.Next(-1, 10) });
            var parts = SplitChoice.Stratified(classes, classes.Keys, AttributeTable.Garments, seed);
            return parts.SelectMany(part => part).Order(StringComparer.Ordinal).SequenceEqual(classes.Keys)
                && parts.Select(part => part.Length).SequenceEqual(SplitChoice.Sizes(count));
        }, iter: 50);
    }

    [Test]
    public void The_stratified_split_has_every_class_and_unknown_in_proportion()
    {
        var table = AttributeTable.Garments;
        var rows = AttributeCsv.Read(Golden.PathOf("split/attributes.csv"), table).Rows;
        var classes = rows.ToDictionary(row => row.File, row => row.Classes);
        var parts = SplitChoice.Stratified(classes, classes.Keys, table, 1337);
        var all = Balancing.Count(table, classes.Values);
        for (var part = 0; part < 3; part++)
        {
            var counts = Balancing.Count(table, parts[part].Select(file => classes[file]));
            var share = parts[part].Length / 400.0;
            for (var group = 0; group < 3; group++)
            {
                // within 2 pictures: three attributes cannot all come out even
                for (var index = 0; index < counts[group].Length; index++)
                {
                    Assert.That(
                        counts[group][index], Is.EqualTo(all[group][index] * share).Within(2.0),
                        $"part {part}, {table.Groups[group].Name} {index}");
                }
            }
        }
    }

    private static IEnumerable<string> Strings(JsonElement json, string name) =>
        json.GetProperty(name).EnumerateArray().Select(item => item.GetString()!);
}
