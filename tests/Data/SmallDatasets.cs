using System.Text;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// One small data set, written in every layout: pictures 0 to 7 for training, 8 to 11 for validation; classes cat, dog
/// and tree. What is true is <see cref="Truth"/>; layouts that know unknown labels leave some of it out
/// (<see cref="Partial"/>).
/// </summary>
internal static class SmallDatasets
{
    public static readonly string[] Classes = ["cat", "dog", "tree"];

    public static IReadOnlyDictionary<DatasetType, Action<TemporaryFolder>> Writers { get; } =
        new Dictionary<DatasetType, Action<TemporaryFolder>>
        {
            [DatasetType.Csv] = Csv,
            [DatasetType.Folders] = Folders,
            [DatasetType.Coco] = Coco,
            [DatasetType.OpenImages] = OpenImages,
            [DatasetType.Lvis] = Lvis,
            [DatasetType.Shards] = Shards,
            [DatasetType.Garments] = Garments,
            [DatasetType.Idx] = Idx,
        };

    /// <summary>Grey pictures of 24 x 20 pixels, each of one class.</summary>
    public static void Idx(TemporaryFolder folder)
    {
        foreach (var part in new[] { "train", "val" })
        {
            int[] pictures = [.. Pictures(part)];
            var count = (byte)pictures.Length;
            folder.Write($"{part}-images-idx3-ubyte", [
                0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 20, 0, 0, 0, 24,
                .. pictures.SelectMany(i => Enumerable.Range(0, 20 * 24).Select(at => (byte)((at * (i + 1)) % 251))),
            ]);
            folder.Write(
                $"{part}-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, count, .. pictures.Select(i => (byte)(i % 3))]);
        }
        folder.Write(AttributeTable.FileName, new AttributeTable(
            [new AttributeGroup("Class", "class", 3, Classes)]).ToJson());
    }

    public static IEnumerable<int> Pictures(string part) =>
        part == "train" ? Enumerable.Range(0, 8) : Enumerable.Range(8, 4);

    public static IEnumerable<DatasetType> Types => Writers.Keys;

    /// <summary>Picture 0 and 8 have no class at all.</summary>
    public static sbyte Truth(int picture, int index) => (sbyte)((picture >> index) & 1);

    public static sbyte Partial(int picture, int index) =>
        (picture + index) % 4 == 0 ? (sbyte)-1 : Truth(picture, index);

    public static sbyte[] Labels(int picture, Func<int, int, sbyte> label) =>
        [.. Enumerable.Range(0, 3).Select(k => label(picture, k))];

    public static void Csv(TemporaryFolder folder)
    {
        foreach (var part in new[] { "train", "val" })
        {
            var rows = Pictures(part).Select(
                i => $"p{i}.jpg," + string.Join(',', Labels(i, Partial).Select(label => label < 0 ? "" : $"{label}")));
            folder.Write($"{part}.csv", string.Join('\n', rows.Prepend("filename,cat,dog,tree")) + "\n");
            WritePictures(folder, part, i => $"images/p{i}.jpg");
        }
    }

    public static void Folders(TemporaryFolder folder)
    {
        foreach (var part in new[] { "train", "val" })
            WritePictures(folder, part, i => $"{part}/{Classes[i % 3]}/p{i}.jpg");
    }

    public static void Coco(TemporaryFolder folder)
    {
        foreach (var part in new[] { "train", "val" })
        {
            folder.Write($"annotations/instances_{part}2017.json", CocoJson(part));
            WritePictures(folder, part, i => $"{part}2017/p{i}.jpg");
        }
    }

    /// <summary>As the published files: categories last and with gaps, outlines, a crowd, an area of nothing.</summary>
    public static string CocoJson(string part)
    {
        var images = Pictures(part).Select(
            i => $$"""{"license": 4, "file_name": "p{{i}}.jpg", "height": 16, "width": 20, "id": {{100 + i}}}""");
        var annotations = new List<string>();
        foreach (var i in Pictures(part))
        {
            for (var k = 0; k < 3; k++)
            {
                if (Truth(i, k) != 1)
                    continue;
                annotations.Add(k == 1
                    ? $$"""{"segmentation": {"counts": [1, 2, 3], "size": [16, 20]}, "area": 900, "iscrowd": 1, "image_id": {{100 + i}}, "bbox": [0, 0, 1, 1], "category_id": {{Category(k)}}, "id": {{(i * 10) + k}}}"""
                    : $$"""{"segmentation": [[1.5, 2.25, 3, 4e0]], "area": 0.5, "iscrowd": 0, "image_id": {{100 + i}}, "bbox": [0, 0, 1, 1], "category_id": {{Category(k)}}, "id": {{(i * 10) + k}}}""");
            }
        }
        var categories = new[] { 2, 0, 1 }.Select(
            k => $$"""{"supercategory": "x", "id": {{Category(k)}}, "name": "{{Classes[k]}}"}""");
        return
            $$"""{"info": {"year": 2017, "list": [{}]}, "images": [{{string.Join(", ", images)}}], "annotations": [{{string.Join(",\n", annotations)}}], "categories": [{{string.Join(", ", categories)}}]}""";
    }

    public static int Category(int k) => 1 + (k * 7);

    public static void OpenImages(TemporaryFolder folder)
    {
        folder.Write(
            "oidv6-class-descriptions.csv",
            "LabelName,DisplayName\n/m/1,cat\n/m/2,dog\n/m/3,tree\n/m/4,\"stone, grey\"\n");
        folder.Write("oidv6-classes-trainable.txt", "/m/1\n/m/2\n/m/3\n");
        foreach (var (part, file) in new[] { ("train", "oidv6-train-annotations-human-imagelabels.csv"), (
            "val", "validation-annotations-human-imagelabels.csv") })
        {
            var text = new StringBuilder("ImageID,Source,LabelName,Confidence\n");
            foreach (var i in Pictures(part))
            {
                for (var k = 0; k < 3; k++)
                {
                    if (Partial(i, k) is >= 0 and var label)
                        text.Append($"{Identifier(i)},verification,/m/{k + 1},{label}\n");
                }
            }
            text.Append($"{Identifier(Pictures(part).First())},crowdsource-verification,/m/4,1\n"); // not to be learnt
            folder.Write(file, text.ToString());
            WritePictures(
                folder, part,
                i => part == "train" ? $"train/train_{i % 2}/{Identifier(i)}.jpg" : $"validation/{Identifier(i)}.jpg");
        }
    }

    public static string Identifier(int picture) => $"{0xabc000 + picture:x16}";

    public static void Lvis(TemporaryFolder folder)
    {
        foreach (var part in new[] { "train", "val" })
        {
            var images = Pictures(part).Select(i =>
            {
                var negative = Enumerable.Range(0, 3).Where(k => Partial(i, k) == 0).Select(k => k + 1);
                var open = Enumerable.Range(0, 3).Where(k => Partial(i, k) == -1).Select(k => k + 1);
                return
                    $$"""{"id": {{i}}, "coco_url": "http://images.cocodataset.org/train2017/p{{i}}.jpg", "neg_category_ids": [{{string.Join(',', negative)}}], "not_exhaustive_category_ids": [{{string.Join(',', open)}}]}""";
            });
            var annotations = Pictures(part).SelectMany(
                i => Enumerable.Range(0, 3).Where(k => Partial(i, k) == 1).Select(k =>
                    $$"""{"id": {{(i * 10) + k}}, "image_id": {{i}}, "category_id": {{k + 1}}, "segmentation": [[1, 2]]}"""));
            var categories = Classes.Select(
                (name, k) => $$"""{"id": {{k + 1}}, "name": "{{name}}", "synonyms": ["{{name}}"]}""");
            folder.Write(
                $"lvis_v1_{part}.json",
                $$"""{"categories": [{{string.Join(',', categories)}}], "images": [{{string.Join(',', images)}}], "annotations": [{{string.Join(',', annotations)}}]}""");
            WritePictures(folder, part, i => $"train2017/p{i}.jpg");
        }
    }

    public static void Shards(TemporaryFolder folder)
    {
        using var csv = new TemporaryFolder();
        Csv(csv);
        ShardPacker.Pack(new DatasetSource(csv.Path), folder.Path, shardSize: 3);
    }

    public static void Garments(TemporaryFolder folder)
    {
        folder.CleanedDataset(40);
        new DatasetSplitter(folder.Path, new SplitOptions { Augment = false }).Run();
    }

    private static void WritePictures(TemporaryFolder folder, string part, Func<int, string> name)
    {
        foreach (var i in Pictures(part))
            folder.Write(name(i), TemporaryFolder.SmallJpeg((ulong)i, 40, 36));
    }
}
