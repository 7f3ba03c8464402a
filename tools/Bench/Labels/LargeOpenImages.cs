using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>
/// OpenImages' training labels by their numbers: about five verified labels a picture, the commonest class in every
/// tenth row.
/// </summary>
internal static class LargeOpenImages
{
    private const int Classes = 9605, Described = 19_957, RowsPerPicture = 5;

    public static void Write(string folder, int rows)
    {
        var random = new SeededRandom(6);
        Directory.CreateDirectory(folder);
        File.WriteAllLines(
            Path.Combine(folder, "oidv6-class-descriptions.csv"),
            Enumerable.Range(0, Described).Select(k => $"{Identifier(k)},Class {k}").Prepend("LabelName,DisplayName"));
        File.WriteAllLines(
            Path.Combine(folder, "oidv6-classes-trainable.txt"), Enumerable.Range(0, Classes).Select(Identifier));
        for (var i = 0; i < 16; i++)
            Directory.CreateDirectory(Path.Combine(folder, "train", $"train_{i:x}"));
        using var csv = new StreamWriter(Path.Combine(folder, "oidv6-train-annotations-human-imagelabels.csv"));
        csv.Write("ImageID,Source,LabelName,Confidence\n");
        var picture = "";
        for (var row = 0; row < rows; row++)
        {
            if (row % RowsPerPicture == 0)
            {
                picture = $"{(ulong)(row / RowsPerPicture) * 0x9E3779B97F4A7C15UL:x16}";
                using var empty = File.Create(
                    Path.Combine(folder, "train", $"train_{picture[0]}", picture + ".jpg"), 1);
            }
            // Common classes come first, and some rows name a class that is not to be learnt.
            var index = (int)(Described * Math.Pow(random.Next(1 << 24) / (double)(1 << 24), 4));
            csv.Write($"{picture},verification,{Identifier(index)},{(random.Next(10) < 4 ? 1 : 0)}\n");
        }
    }

    private static string Identifier(int index) => $"/m/0{index:x5}";
}
