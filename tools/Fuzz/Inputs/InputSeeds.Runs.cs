using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Flixstock.Engine;
using SkiaSharp;

namespace Flixstock.Fuzz;

internal sealed partial class InputSeeds
{
    private static readonly TrainerOptions Tiny = new()
    {
        Layers = [1, 1, 1, 1],
        Width = 0.0625,
        ImageSize = 32,
        BatchSize = 2,
        Epochs = 2,
        StopEpoch = 1,
        Workers = 0,
    };

    // A run of one epoch of two, and what reads each of its files.
    private IEnumerable<FuzzInput> Runs()
    {
        var data = Written("data", folder =>
        {
            Write(folder, "train.csv", "filename,cat,dog,tree\np0.jpg,1,0,\np1.jpg,,1,0\np2.jpg,1,1,1\np3.jpg,0,0,0\n");
            Write(folder, "val.csv", "filename,cat,dog,tree\np0.jpg,1,0,\np1.jpg,,1,0\np2.jpg,1,1,1\np3.jpg,0,0,0\n");
            PutPictures(folder, "images");
        });
        var source = new DatasetSource(data);
        var (training, validation) = (source.Load("train"), source.Load("val"));
        string Trained(string name) => Written(name, folder =>
        {
            using var trainer = new Trainer(_backend, training, validation, Tiny, TrainingRun.Create(folder));
            trainer.Train();
        });
        void Resume(string folder)
        {
            using var trainer = new Trainer(
                _backend, training, validation, Tiny, TrainingRun.Open(folder), resume: true);
        }

        var run = Trained("run");
        yield return new FuzzInput(
            "run.json", run, "run.json", (random, seed) => new TextMutation(random).Change(seed),
            _ => ReadDescription(run, training, validation));
        var metrics = Trained("metrics");
        yield return new FuzzInput(
            "metrics.csv", metrics, "metrics.csv", (random, seed) => new TextMutation(random).Change(seed),
            _ => RunMetrics.Read(Path.Combine(metrics, "metrics.csv")));
        var state = Trained("state");
        File.Delete(Path.Combine(state, "state.previous.safetensors")); // which would be taken instead
        yield return new FuzzInput(
            "state", state, "state.safetensors", (random, seed) => Header(random, seed), _ => Resume(state))
        {
            Weight = 3,
        };
        var pictures = Trained("pictures");
        yield return new FuzzInput(
            "pictures.csv.gz", pictures, "pictures.csv.gz", (random, seed) => new BinaryMutation(random).Packed(seed),
            number =>
            {
                PictureEntry.Read(Path.Combine(pictures, "pictures.csv.gz"), number % 2 == 0 ? "train" : "val");
                if (number % 20 == 0)
                    TrainingRun.Open(pictures).RequireSameData((training, training));
            });
        yield return Text("two_stage.json", "two_stage.json", Tiny.ToJson(), folder => TwoStagePlan.Open(folder));
        yield return Text(
            "ignored.csv", "ignored.csv",
            "epoch,unannotated,unannotated_positive,by_prior,by_prior_positive,by_topk,by_topk_positive\n"
                + "1,100,10,5,4,3,2\n",
            folder => IgnoredLabels.Total(Path.Combine(folder, "ignored.csv")));
        yield return Text(
            "pseudo_labels.csv", "pseudo_labels.csv",
            "epoch,unknown,positive,positive_known,positive_right,negative,negative_known,negative_right\n"
                + "1,100,10,5,4,30,20,19\n",
            folder => SelfLabelEpoch.Read(Path.Combine(folder, "pseudo_labels.csv")));
        yield return Text(
            "result.json", "result.json", Result(),
            folder => ExperimentTables.Of([ExperimentResult.Read(Path.Combine(folder, "result.json"))!]));
    }

    private static void ReadDescription(string folder, ImageDataset training, ImageDataset validation)
    {
        var run = TrainingRun.Begun(folder)!;
        run.ReadOptions();
        run.ReadPrecision();
        run.ReadDataset(new DatasetSource(folder));
        run.ReadLeftOut();
        TrainingRun.DatasetOf(folder);
        run.RequireSameData((training, validation));
    }

    private static string Result()
    {
        var path = Path.GetTempFileName();
        new ExperimentResult
        {
            Method = "a",
            Simulation = "rps 0.5",
            Seed = 1,
            MeanAp = 50,
            LastMeanAp = 49,
            CommonMeanAp = 60,
            RareMeanAp = 40,
            MacroF1 = 30,
            KnownShare = 50,
            ClassAp = [1, -1, 2],
            Seconds = 3,
            Options = "--lr 1",
        }.Write(path);
        var text = File.ReadAllText(path);
        File.Delete(path);
        return text;
    }

    private IEnumerable<FuzzInput> Models()
    {
        var table = AttributeTable.OfClasses(Classes);
        var folder = Written("checkpoint", folder =>
        {
            using var network = Tiny.Model(Classes.Length).Create(_backend);
            network.Initialize(1);
            new Checkpoint
            {
                State = network.ToStateDict(),
                Model = network.Description,
                Attributes = table,
                Preparation = new(32),
                MeanAp = 0.5,
                Head = HeadKind.Sigmoid,
                Calibration = new ClassCalibration([0.5f, 0.25f, 0.75f], 1.5),
            }.Save(Path.Combine(folder, "best.safetensors"));
        });
        yield return new FuzzInput("checkpoint", folder, "best.safetensors", Header, number =>
        {
            using var checkpoint = Checkpoint.Load(Path.Combine(folder, "best.safetensors"));
            if (checkpoint.Preparation.ImageSize > 64 || number % 4 > 0)
                return;
            using var predictor = new Predictor(checkpoint, _backend, new PredictorOptions { BatchSize = 1 });
            predictor.Predict(Picture(1));
        })
        { Weight = 16 };
    }

    // The header's text is changed and keeps its right length; at times a value of a tensor.
    private static byte[] Header(Random random, byte[] seed)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(seed);
        if (random.Next(8) == 0)
        {
            var plain = Encoding.UTF8.GetBytes(Checksum().Replace(Encoding.UTF8.GetString(seed.AsSpan(8, length)), ""));
            byte[] bytes = [.. BitConverter.GetBytes((long)plain.Length), .. plain, .. seed.AsSpan(8 + length)];
            length = plain.Length;
            float[] values =
            [
                float.NaN, float.PositiveInfinity, float.NegativeInfinity, -1, float.MaxValue, float.Epsilon,
            ];
            for (var changes = 1 + random.Next(20); changes > 0; changes--)
            {
                BinaryPrimitives.WriteSingleLittleEndian(
                    bytes.AsSpan(8 + length + (4 * random.Next((bytes.Length - 8 - length) / 4))),
                    values[random.Next(values.Length)]);
            }
            return bytes;
        }
        // Without its checksum the file is read as it is. Metadata comes first; the list of tensors is broken by the
        // other run.
        var text = Encoding.UTF8.GetString(seed.AsSpan(8, length));
        text = random.Next(20) == 0 ? text : Checksum().Replace(text, "");
        var end = random.Next(4) == 0
            ? text.Length
            : text.IndexOf("}}", StringComparison.Ordinal) is > 0 and var metadata
                ? Math.Min(metadata + 1, text.Length)
                : text.Length;
        byte[] changed =
        [
            .. new TextMutation(random).Change(Encoding.UTF8.GetBytes(text[..end])),
            .. Encoding.UTF8.GetBytes(text[end..]),
        ];
        return [.. BitConverter.GetBytes((long)changed.Length), .. changed, .. seed.AsSpan(8 + length)];
    }

    [GeneratedRegex("\"checksum\":\"[^\"]*\",")]
    private static partial Regex Checksum();

    private IEnumerable<FuzzInput> PictureFiles()
    {
        foreach (var (name, bytes) in Encoded())
        {
            var folder = Written(
                $"picture {name}", folder => File.WriteAllBytes(Path.Combine(folder, $"p.{name}"), bytes));
            var place = Path.Combine(folder, $"p.{name}");
            yield return new FuzzInput($"picture {name}", folder, $"p.{name}",
                (random, seed) => name == "png" && random.Next(4) > 0
                    ? new BinaryMutation(random).Png(seed)
                    : new BinaryMutation(random).Change(seed),
                number => PictureDecoder.Decode(place, exifRotate: number % 2 == 0));
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Encoded()
    {
        yield return ("jpg", PictureWriter.EncodeJpeg(Picture(1)));
        yield return ("png", PictureWriter.EncodePng(Picture(1)));
        using var bitmap = new SKBitmap(20, 16);
        bitmap.Erase(new SKColor(200, 100, 50));
        using var webp = bitmap.Encode(SKEncodedImageFormat.Webp, 90);
        yield return ("webp", webp.ToArray());
        yield return ("bmp", Bmp());
        yield return ("gif", [
            .. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x21, 0xF9, 4, 1, 0, 0, 0, 0, 0x2C, 0, 0, 0,
            0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
        ]);
        yield return ("tif", Tiff());
    }

    private static byte[] Bmp()
    {
        byte[] header =
        [
            .. "BM"u8, .. BitConverter.GetBytes(54 + 48), 0, 0, 0, 0, .. BitConverter.GetBytes(54),
            .. BitConverter.GetBytes(40), .. BitConverter.GetBytes(4), .. BitConverter.GetBytes(4), 1, 0, 24, 0,
        ];
        return [.. header, .. new byte[54 - header.Length], .. Enumerable.Range(0, 48).Select(i => (byte)(i * 5))];
    }

    // 4 x 4 grey, one strip.
    private static byte[] Tiff()
    {
        (ushort Tag, ushort Type, uint Value)[] entries =
        [
            (256, 3, 4), (257, 3, 4), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (274, 3, 1), (277, 3, 1),
            (278, 3, 4), (279, 4, 16),
        ];
        var bytes = new List<byte>([.. "II"u8, 42, 0, .. BitConverter.GetBytes(24)]);
        bytes.AddRange(Enumerable.Range(0, 16).Select(i => (byte)(i * 16)));
        bytes.AddRange(BitConverter.GetBytes((ushort)entries.Length));
        foreach (var (tag, type, value) in entries)
        {
            bytes.AddRange(
                [
                    .. BitConverter.GetBytes(tag), .. BitConverter.GetBytes(type), .. BitConverter.GetBytes(1),
                    .. BitConverter.GetBytes(value),
                ]);
        }
        bytes.AddRange(new byte[4]);
        return [.. bytes];
    }
}
