using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>Files of very many entries: what reading costs grows with their number, not with its square.</summary>
internal static class Scaling
{
    private static readonly (string Name, Action<string, int> Write, Action<string> Read)[] Kinds =
    [
        ("coco categories", (folder, n) => Coco(folder, n, 1), folder => new DatasetSource(folder).Load("train")),
        ("coco pictures", (folder, n) => Coco(folder, 3, n), folder => new DatasetSource(folder) { SkipMissing = true }
            .Load("train")),
        ("lvis pictures", Lvis, folder => new DatasetSource(folder) { SkipMissing = true }.Load("train")),
        ("openimages rows", OpenImages, folder => new DatasetSource(folder) { SkipMissing = true }.Load("train")),
        ("openimages classes", OpenImagesClasses, folder => new DatasetSource(folder).Load("train")),
        (
            "class csv, columns",
            (folder, n) => Csv(
                folder, $"filename,{Join(n, k => $"c{k}")}\n", $"p0.jpg{string.Concat(Enumerable.Repeat(",1", n))}\n"),
            folder => new DatasetSource(folder).Load("train")),
        (
            "tag csv, classes",
            (folder, n) => Csv(
                folder, "filename,tags\n", $"p0.jpg,{string.Join(' ', Enumerable.Range(0, n).Select(k => $"c{k}"))}\n"),
            folder => new DatasetSource(folder).Load("train")),
        (
            "tag csv, rows",
            (folder, n) => Csv(
                folder, "filename,tags\np0.jpg,a b\n",
                string.Concat(Enumerable.Range(1, n).Select(k => $"q{k}.jpg,a\n"))),
            folder => new DatasetSource(folder) { SkipMissing = true }.Load("train")),
        (
            "dataset.json, classes",
            (folder, n) => File.WriteAllText(Path.Combine(folder, "dataset.json"), Described(n)),
            folder => AttributeTable.LoadBeside(Path.Combine(folder, "x.csv"))),
        (
            "prior, rows",
            (folder, n) => File.WriteAllText(
                Path.Combine(folder, "prior.csv"),
                "index,name,prior\n" + string.Concat(Enumerable.Range(0, n).Select(k => $"{k},c{k},0.5\n"))),
            folder => PriorFile.Read(Path.Combine(folder, "prior.csv"), AttributeTable.OfClasses(Names(folder)))),
        ("shard, entries", Shard, folder => new DatasetSource(folder).Load("train")),
    ];

    /// <summary>Prints a line for each kind: seconds for a tenth and for all, and their ratio.</summary>
    public static int Run(string folder, int count)
    {
        Console.WriteLine($"{"file",-24} {count / 10,9} {count,9}  ratio  heap of the larger");
        foreach (var (name, write, read) in Kinds)
        {
            var (few, _) = Measure(folder, count / 10, write, read);
            var (many, bytes) = Measure(folder, count, write, read);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-24} {few,7:0.00} s {many,7:0.00} s {many / few,5:0.0}  {bytes >> 20} MiB"));
        }
        return 0;
    }

    private static (double Seconds, long Bytes) Measure(
        string folder, int count, Action<string, int> write, Action<string> read)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, "scaling")).FullName;
        File.WriteAllText(Path.Combine(place, "count"), count.ToString(CultureInfo.InvariantCulture));
        write(place, count);
        GC.Collect();
        var (before, watch) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.StartNew());
        try
        {
            read(place);
        }
        catch (InputException e)
        {
            Console.WriteLine($"  refused: {e.Message}");
        }
        var result = (watch.Elapsed.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true) - before);
        Directory.Delete(place, recursive: true);
        return result;
    }

    private static string Join(int count, Func<int, string> text) =>
        string.Join(',', Enumerable.Range(0, count).Select(text));

    private static List<string> Names(string folder) => [.. Enumerable.Range(
        0,
        int.Parse(File.ReadAllText(Path.Combine(folder, "count")), CultureInfo.InvariantCulture)).Select(k => $"c{k}")];

    private static string Described(int classes) =>
        $$"""{"attributes": [{"name": "a", "column": "b", "classes": {{classes}}, "classNames": [{{Join(classes, k => $"\"c{k}\"")}}]}]}""";

    private static void Csv(string folder, string header, string rows)
    {
        Picture(Path.Combine(folder, "images"), "p0.jpg");
        File.WriteAllText(Path.Combine(folder, "train.csv"), header + rows);
    }

    // Every category is the group of the next.
    private static void Coco(string folder, int categories, int pictures)
    {
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        Picture(Path.Combine(folder, "train2017"), "p0.jpg");
        File.WriteAllText(Path.Combine(folder, "annotations", "instances_train2017.json"), $$"""
            {"images": [{{Join(pictures, i => $"{{\"id\": {i}, \"file_name\": \"p{i}.jpg\"}}")}}], "annotations": [{{Join(pictures, i => $"{{\"image_id\": {i}, \"category_id\": 0}}")}}],
             "categories": [{{Join(categories, k => k % 2 == 0 ? $"{{\"id\": {k}, \"name\": \"c{k}\"}}" : $"{{\"id\": {k}, \"name\": \"c{k}\", \"supercategory\": \"c{k - 1}\"}}")}}]}
            """);
    }

    private static void Lvis(string folder, int pictures)
    {
        Picture(Path.Combine(folder, "train2017"), "p0.jpg");
        File.WriteAllText(Path.Combine(folder, "lvis_v1_train.json"), $$"""
            {"images": [{{Join(pictures, i => $"{{\"id\": {i}, \"coco_url\": \"http://x/train2017/p{i}.jpg\", \"neg_category_ids\": [2], \"not_exhaustive_category_ids\": [3]}}")}}], "annotations": [{{Join(pictures, i => $"{{\"image_id\": {i}, \"category_id\": 1}}")}}],
             "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 3, "name": "c"}]}
            """);
    }

    private static void OpenImages(string folder, int rows)
    {
        Picture(Path.Combine(folder, "train"), "p0.jpg");
        File.WriteAllText(
            Path.Combine(folder, "oidv6-class-descriptions.csv"), "LabelName,DisplayName\n/m/1,cat\n/m/2,dog\n");
        File.WriteAllText(
            Path.Combine(folder, "oidv6-train-annotations-human-imagelabels.csv"),
            "ImageID,Source,LabelName,Confidence\n"
                + string.Concat(Enumerable.Range(0, rows).Select(i => $"p{i},verification,/m/1,1\n")));
    }

    private static void OpenImagesClasses(string folder, int classes)
    {
        Picture(Path.Combine(folder, "train"), "p0.jpg");
        File.WriteAllText(
            Path.Combine(folder, "oidv6-class-descriptions.csv"),
            "LabelName,DisplayName\n" + string.Concat(Enumerable.Range(0, classes).Select(k => $"/m/{k},same name\n")));
        File.WriteAllText(
            Path.Combine(folder, "oidv6-train-annotations-human-imagelabels.csv"),
            "ImageID,Source,LabelName,Confidence\np0,verification,/m/1,1\n");
    }

    private static void Shard(string folder, int entries)
    {
        using var tar = new TarWriter(File.Create(Path.Combine(folder, "train-000000.tar")), TarEntryFormat.Ustar);
        for (var i = 0; i < entries / 2; i++)
        {
            foreach (var (ending, bytes) in new[] { ("jpg", new byte[] { 1 }), ("cls", "1"u8.ToArray()) })
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{i:d8}.{ending}")
                {
                    DataStream = new MemoryStream(bytes),
                });
            }
        }
    }

    private static void Picture(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, name), [1]);
    }
}
