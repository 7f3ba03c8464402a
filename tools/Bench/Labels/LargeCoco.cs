using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>
/// COCO's training annotations by their numbers: 118,287 pictures, 80 categories, outlines of some thirty points.
/// </summary>
internal static class LargeCoco
{
    private const int Pictures = 118_287, Categories = 80, Points = 29;

    public static void Write(string folder, int annotations)
    {
        var random = new SeededRandom(7);
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        var images = Directory.CreateDirectory(Path.Combine(folder, "train2017")).FullName;
        using var json = new StreamWriter(Path.Combine(folder, "annotations", "instances_train2017.json"));
        json.Write("{\"info\": {\"description\": \"drawn at random\"}, \"licenses\": [], \"images\": [");
        for (var i = 0; i < Pictures; i++)
        {
            File.Create(Path.Combine(images, $"{i:d12}.jpg"), 1).Dispose();
            json.Write($"{(i == 0 ? "" : ", ")}{{\"license\": 3, \"file_name\": \"{i:d12}.jpg\", \"coco_url\": "
                + $"\"http://images.cocodataset.org/train2017/{i:d12}.jpg\", \"height\": 480, \"width\": 640, "
                + $"\"id\": {i}}}");
        }
        json.Write("], \"annotations\": [");
        for (var i = 0; i < annotations; i++)
        {
            json.Write($"{(i == 0 ? "" : ", ")}{{\"segmentation\": [[");
            for (var point = 0; point < Points * 2; point++)
                json.Write($"{(point == 0 ? "" : ", ")}{random.Next(64000) / 100.0:0.00}");
            json.Write($"]], \"area\": {random.Next(100000)}.5, \"iscrowd\": 0, \"image_id\": {random.Next(Pictures)}, "
                + $"\"bbox\": [1.5, 2.5, 30.25, 40.75], \"category_id\": {1 + random.Next(Categories)}, \"id\": {i}}}");
        }
        var categories = Enumerable.Range(1, Categories)
            .Select(k => $"{{\"supercategory\": \"thing\", \"id\": {k}, \"name\": \"category {k}\"}}");
        json.Write($"], \"categories\": [{string.Join(", ", categories)}]}}\n");
    }
}
