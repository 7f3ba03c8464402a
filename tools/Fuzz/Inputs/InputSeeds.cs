using System.Text;
using Flixstock.Engine;

namespace Flixstock.Fuzz;

/// <summary>Small good files of every kind that commands read, each in a folder with what belongs to it.</summary>
internal sealed partial class InputSeeds(string root) : IDisposable
{
    private const int Pictures = 4;
    private static readonly string[] Classes = ["cat", "dog", "tree"];
    private static readonly PicturePreparation Raw = new(8);
    private readonly Backend _backend = Backend.Cpu(1);

    /// <summary>All kinds.</summary>
    public List<FuzzInput> All() => [.. Labels(), .. Runs(), .. Models(), .. PictureFiles()];

    public void Dispose() => _backend.Dispose();

    private IEnumerable<FuzzInput> Labels()
    {
        yield return Garments("attributes csv", "attributes_train.csv");
        yield return Garments("dataset.json", AttributeTable.FileName);
        yield return Dataset("class csv", "train.csv", Written("csv", folder =>
        {
            Write(folder, "train.csv", "filename,cat,dog,tree\np0.jpg,1,0,\np1.jpg,,1,0\np2.jpg,1,1,1\np3.jpg,0,0,0\n");
            PutPictures(folder, "images");
        }));
        yield return Dataset("tag csv", "train.csv", Written("tags", folder =>
        {
            Write(folder, "train.csv", "filename,tags\np0.jpg,cat dog\np1.jpg,tree\np2.jpg,cat\np3.jpg,\n");
            PutPictures(folder, "images");
        }));
        yield return Dataset("coco", "annotations/instances_train2017.json", Written("coco", folder =>
        {
            Write(folder, "annotations/instances_train2017.json", Coco(address: false));
            PutPictures(folder, "train2017");
        }));
        yield return Dataset("lvis", "lvis_v1_train.json", Written("lvis", folder =>
        {
            Write(folder, "lvis_v1_train.json", Coco(address: true));
            PutPictures(folder, "train2017");
        }));
        foreach (var file in new[]
        {
            "oidv6-train-annotations-human-imagelabels.csv", "oidv6-class-descriptions.csv",
            "oidv6-classes-trainable.txt", ".flixstock/openimages-train.index",
        })
        {
            yield return OpenImages(file);
        }
        yield return Dataset("shards", "train-000000.tar", Written("shards", Shards), tar: true);
        var described = Written("described", Shards);
        yield return Dataset("shards' dataset.json", AttributeTable.FileName, described);
        yield return Dataset("raw shards", "train-000000.tar", Written("raw", RawShards), tar: true);
        yield return Dataset("raw shards' pixels.json", RawNote.FileName, Written("note", RawShards));
        var table = AttributeTable.OfClasses(Classes);
        yield return Text(
            "prior", "prior.csv", "index,name,prior\n0,cat,0.5\n1,dog,0.25\n2,tree,\n",
            folder => PriorFile.Read(Path.Combine(folder, "prior.csv"), table));
        yield return Text(
            "prior of others", "prior.csv", "Classes,avg_pred\ncat,0.5\ndog,0.25\ntree,0.1\n",
            folder => PriorFile.Read(Path.Combine(folder, "prior.csv"), table, byPosition: true));
        yield return Text(
            "class descriptions", "classes.csv", "LabelName,DisplayName\n/m/1,cat\n/m/2,\"dog, large\"\n",
            folder => ClassDescriptions.Read(Path.Combine(folder, "classes.csv")));
        yield return Text(
            "grid", "grid.json", Grid, folder => ExperimentFile.Read(Path.Combine(folder, "grid.json")).Cells());
    }

    private const string Grid = """
        {"data": "d", "out": "o", "train": {"epochs": 2, "layers": [1, 1, 1, 1], "graphs": true}, "seeds": [1, 2], "simulations": ["rps 0.5", "fpc 200", "none"], // a comment
         "vary": {"lr": [1e-3, 1e-2]}, "methods": [{"name": "a", "train": {"partial-loss-mode": "negative"}, "rps": {"x": 1}}, {"name": "b", "twoStage": {"epochs": 1}}]}
        """;

    private FuzzInput Garments(string name, string file)
    {
        var folder = Written(name, folder =>
        {
            Write(folder, AttributeTable.FileName, AttributeTable.Garments.ToJson());
            Write(
                folder, "attributes_train.csv",
                "filename,neck,sleeve_length,pattern\np0.jpg,1,2,#N/A\np1.jpg,0.0,3,9\np2.jpg,,,\np3.jpg,6,0,1\n");
            PutPictures(folder, "images_augmented/train/images");
        });
        return Dataset(name, file, folder, DatasetType.Garments);
    }

    private FuzzInput OpenImages(string file)
    {
        var folder = Written(file, folder =>
        {
            Write(
                folder, "oidv6-class-descriptions.csv",
                "LabelName,DisplayName\n/m/1,cat\n/m/2,dog\n/m/3,tree\n/m/4,\"stone, grey\"\n");
            Write(folder, "oidv6-classes-trainable.txt", "/m/1\n/m/2\n/m/3\n");
            Write(
                folder, "oidv6-train-annotations-human-imagelabels.csv",
                "ImageID,Source,LabelName,Confidence\np0,verification,/m/1,1\np0,verification,/m/2,0\n"
                    + "p1,verification,/m/3,1\np2,crowd,/m/4,1\np3,verification,/m/1,0\n");
            PutPictures(folder, "train");
            new DatasetSource(folder).Load("train");
        });
        return Dataset($"openimages {Path.GetExtension(file)[1..]} {file[..6]}", file, folder);
    }

    private static string Coco(bool address)
    {
        var images = Enumerable.Range(0, Pictures).Select(i => address
            ? $$"""{"id": {{i}}, "coco_url": "http://images.cocodataset.org/train2017/p{{i}}.jpg", "neg_category_ids": [2], "not_exhaustive_category_ids": [3]}"""
            : $$"""{"license": 4, "file_name": "p{{i}}.jpg", "height": 16, "width": 20, "id": {{i}}}""");
        var annotations = Enumerable.Range(0, Pictures).Select(i =>
            $$"""{"segmentation": [[1.5, 2.25, 3, 4e0]], "area": 0.5, "iscrowd": 0, "image_id": {{i}}, "bbox": [0, 0, 1, 1], "category_id": 1, "id": {{i}}}""");
        return
            $$"""{"info": {"year": 2017}, "images": [{{string.Join(", ", images)}}], "annotations": [{{string.Join(",\n", annotations)}}], "categories": [{"supercategory": "x", "id": 1, "name": "cat"}, {"supercategory": "cat", "id": 2, "name": "dog"}, {"id": 3, "name": "tree"}]}""";
    }

    private static void Shards(string folder) => Shards(folder, new ShardPackerOptions());

    private static void RawShards(string folder) => Shards(folder, new ShardPackerOptions { Raw = Raw });

    private static void Shards(string folder, ShardPackerOptions options)
    {
        var csv = Directory.CreateTempSubdirectory("flixstock-fuzz-").FullName;
        Write(csv, "train.csv", "filename,cat,dog,tree\np0.jpg,1,0,\np1.jpg,,1,0\np2.jpg,1,1,1\np3.jpg,0,0,0\n");
        PutPictures(csv, "images");
        ShardPacker.Pack(new DatasetSource(csv), folder, options);
        Directory.Delete(csv, recursive: true);
    }

    // Reads a data set; of some also checks it, hides labels and writes it anew, as 'data check' and 'data simulate'
    // do.
    private static FuzzInput Dataset(
        string name, string file, string folder, DatasetType type = DatasetType.Auto, bool tar = false) =>
        new(
            name, folder, file,
            (random, seed) => tar
                ? new BinaryMutation(random).Tar(seed)
                : file.EndsWith(".index", StringComparison.Ordinal)
                    ? new BinaryMutation(random).Change(seed)
                    : new TextMutation(random).Change(seed),
            number =>
            {
                var source = new DatasetSource(folder, type);
                if (number % 10 == 0)
                    new DatasetChecker(source, new CheckOptions { Workers = 1 }).Run();
                if (!source.Resolved().Has("train"))
                    return;
                var data = source.Load("train");
                foreach (var sample in data.Samples.Take(tar ? Pictures : 0))
                {
                    sample.Decode();
                    sample.Prepare(Raw, new byte[3 * Raw.ImageSize * Raw.ImageSize]);
                }
                if (number % 6 == 0 && data.Samples.All(sample => sample.Raw is null)) // pixels are no files to write
                    Simulate(data, $"{folder}.simulated");
            });

    private static void Simulate(ImageDataset data, string folder)
    {
        try
        {
            SimulatedDatasetWriter.Write(
                folder, new PartialSimulation(SimulationKind.Rps, 0.5).Apply(data),
                new Dictionary<string, ImageDataset>(), copyPictures: true, overwrite: true);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private FuzzInput Text(string name, string file, string text, Action<string> read, int weight = 8)
    {
        var folder = Written(name, folder => Write(folder, file, text));
        return new FuzzInput(
            name, folder, file, (random, seed) => new TextMutation(random).Change(seed), _ => read(folder))
        {
            Weight = weight,
        };
    }

    private string Written(string name, Action<string> write)
    {
        var folder = Directory.CreateDirectory(
            Path.Combine(root, string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')))).FullName;
        write(folder);
        return folder;
    }

    private static void PutPictures(string folder, string below)
    {
        Directory.CreateDirectory(Path.Combine(folder, below));
        for (var i = 0; i < Pictures; i++)
            File.WriteAllBytes(Path.Combine(folder, below, $"p{i}.jpg"), PictureWriter.EncodeJpeg(Picture(i)));
    }

    private static RgbPicture Picture(int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var picture = new RgbPicture(20, 16);
        for (var i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = (byte)(random.Next(256) / (1 + (i % 3)));
        return picture;
    }

    private static void Write(string folder, string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
        File.WriteAllText(Path.Combine(folder, file), text, new UTF8Encoding(false));
    }
}
