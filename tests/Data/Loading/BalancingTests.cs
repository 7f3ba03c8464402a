using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class BalancingTests
{
    private static readonly AttributeTable Table = AttributeTable.Garments;
    private static readonly string[] Groups = ["neck", "sleeve_length", "pattern"];

    [TestCase("all_rows")]
    [TestCase("split_80_10_10")]
    [TestCase("missing_last_class")]
    public void Counts_weights_copies_and_label_files_are_the_references(string name)
    {
        var expected = Scenario(name);
        var (csv, parts) = Read(expected);
        var plan = new SplitPlan(Table, csv, parts, augment: true);
        var weights = Balancing.Weights(Balancing.Count(Table, plan.Rows[0].Select(row => row.Classes)));
        var distribution = plan.Distribution();
        for (var group = 0; group < 3; group++)
        {
            var own = expected.GetProperty(Groups[group]);
            var classes = Table.Groups[group].Classes;
            Assert.That(
                distribution[group].TrainBefore, Is.EqualTo(Padded(own.GetProperty("counts_last_is_NA"), classes)));
            Assert.That(distribution[group].TrainAfter, Is.EqualTo(Padded(own.GetProperty("counts_after"), classes)));
            Assert.That(weights[group], Is.EqualTo(Padded(own.GetProperty("weights_last_is_NA"), classes)));
        }
        var rows = expected.GetProperty("rows [filename, weight_sum, multiplier, copies]").EnumerateArray().ToArray();
        Assert.That(plan.Rows[0].Select(row => row.File), Is.EqualTo(rows.Select(row => row[0].GetString())));
        Assert.That(
            plan.Rows[0].Select(row => Balancing.WeightSum(weights, row.Classes)),
            Is.EqualTo(rows.Select(row => row[1].GetDouble())));
        Assert.That(plan.Copies.Select(copies => copies.Length), Is.EqualTo(rows.Select(row => row[3].GetInt32())));
        Assert.That(
            plan.Copies.Sum(copies => copies.Length), Is.EqualTo(expected.GetProperty("n_synthetic").GetInt32()));
        Assert.That(
            Sha256(plan.PartCsv(0)),
            Is.EqualTo(expected.GetProperty("attributes_train.csv").GetProperty("sha256").GetString()));
        Assert.That(
            Sha256(plan.PartCsv(1)),
            Is.EqualTo(expected.GetProperty("attributes_val.csv").GetProperty("sha256").GetString()));
    }

    [Test]
    public void A_split_of_the_reference_takes_the_same_files()
    {
        var expected = Scenario("split_80_10_10").GetProperty("split");
        var parts = SplitChoice.Random(DatasetLayout.Parts.SelectMany(part => Strings(expected, part)).ToArray(), 1337);
        for (var part = 0; part < 3; part++)
            Assert.That(parts[part], Is.EquivalentTo(Strings(expected, DatasetLayout.Parts[part])));
    }

    [Test]
    public void A_class_that_never_occurs_breaks_nothing()
    {
        // The reference ends with KeyError: 2 here.
        var csv = AttributeCsv.Read(Golden.PathOf("split/attributes_missing_middle.csv"), Table);
        var plan = new SplitPlan(Table, csv, [[.. csv.Rows.Select(row => row.File)], [], []], augment: true);
        var neck = plan.Distribution()[0];
        Assert.That(neck.TrainBefore[2], Is.Zero);
        Assert.That(neck.TrainBefore.Sum(), Is.EqualTo(csv.Rows.Count));
        Assert.That(neck.TrainAfter.Sum(), Is.EqualTo(csv.Rows.Count + plan.Copies.Sum(copies => copies.Length)));
        Assert.That(plan.Copies.Any(copies => copies.Length > 0));
    }

    [Test]
    public void A_column_without_unknowns_keeps_its_last_class()
    {
        // The reference counts sleeve length 3 as 0 there and leaves it out of the maximum; ours is a plain count.
        var csv = AttributeCsv.Read(Golden.PathOf("split/attributes_no_na.csv"), Table);
        var plan = new SplitPlan(Table, csv, [[.. csv.Rows.Select(row => row.File)], [], []], augment: true);
        var sleeves = plan.Distribution()[1];
        Assert.That(sleeves.TrainBefore, Is.EqualTo(
            Enumerable.Range(0, 4).Select(index => csv.Rows.Count(row => row.Classes[1] == index)).Append(0)));
        var wrong = Scenario("no_na_in_sleeve_length").GetProperty("sleeve_length").GetProperty("counts_last_is_NA");
        Assert.That(sleeves.TrainBefore.Take(3), Is.EqualTo(Padded(wrong, 3).Take(3)), "the other classes as there");
        Assert.That(
            plan.PartCsv(0).Split('\n')[1], Is.EqualTo("img-41b17845-HERENOW-Men-Tshirts-0000.jpg,2.0,0,9.0"),
            "a column without unknowns holds integers");
    }

    /// <summary>
    /// Inserts zeros before the last entry where the reference's arrays are shorter because the highest class never
    /// occurs.
    /// </summary>
    private static double[] Padded(JsonElement values, int classes)
    {
        var list = values.EnumerateArray().Select(value => value.GetDouble()).ToList();
        while (list.Count < classes + 1)
            list.Insert(list.Count - 1, 0);
        return [.. list];
    }

    private static (AttributeCsv Csv, string[][] Parts) Read(JsonElement scenario)
    {
        var csv = AttributeCsv.Read(Golden.PathOf($"split/{scenario.GetProperty("csv").GetString()}"), Table);
        return scenario.TryGetProperty("split", out var split)
            ? (csv, [.. DatasetLayout.Parts.Select(part => Strings(split, part))])
            : (csv, [[.. csv.Rows.Select(row => row.File)], [], []]);
    }

    private static JsonElement Scenario(string name) =>
        Golden.Json("split/expected.json").GetProperty("scenarios").EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == name);

    private static string[] Strings(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(item => item.GetString()!)];

    private static string Sha256(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
