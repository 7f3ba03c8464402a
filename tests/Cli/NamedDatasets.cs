using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>
/// The same few pictures and labels written with classes and attributes in any order, an untrained network for them,
/// and a way to run commands.
/// </summary>
internal static class NamedDatasets
{
    private const int Training = 8, Validation = 6;

    public static readonly string[] Colours = ["red", "green", "blue"];

    public static readonly string[] Tiny =
    [
        "--layers", "1,1,1,1", "--width", "0.0625", "--image-size", "32", "--threads", "1", "--device", "cpu",
        "--lr", "0.01",
    ];

    /// <summary>A CSV with a column for each class, in this order.</summary>
    public static void WriteClasses(TemporaryFolder folder, string root, params string[] columns)
    {
        foreach (var (part, pictures) in Parts())
        {
            WritePictures(folder, root, pictures);
            var rows = pictures.Select(i => $"p{i}.jpg,"
                + string.Join(',', columns.Select(name => Label(i, name) < 0 ? "" : $"{Label(i, name)}")));
            folder.Write($"{root}/{part}.csv", $"filename,{string.Join(',', columns)}\n{string.Join('\n', rows)}\n");
        }
    }

    /// <summary>
    /// Attributes of named classes in a CSV with numbers, described by dataset.json; orders as given.
    /// </summary>
    public static void WriteAttributes(
        TemporaryFolder folder, string root, params (string Name, string[] Classes)[] attributes)
    {
        folder.Write($"{root}/dataset.json", Table(attributes).ToJson());
        foreach (var (part, pictures) in Parts())
        {
            WritePictures(folder, root, pictures);
            var rows = pictures.Select(i => $"p{i}.jpg,"
                + string.Join(',', attributes.Select(attribute => Cell(i, attribute.Name, attribute.Classes))));
            folder.Write(
                $"{root}/{part}.csv",
                $"filename,{string.Join(',', attributes.Select(attribute => attribute.Name.ToLowerInvariant()))}\n"
                    + $"{string.Join('\n', rows)}\n");
        }
    }

    /// <summary>A folder for each class below train and val.</summary>
    public static void WriteFolders(TemporaryFolder folder, string root, int training = 4, int validation = 2)
    {
        for (var i = 0; i < Colours.Length * (training + validation); i++)
        {
            folder.Write(
                $"{root}/{(i < Colours.Length * training ? "train" : "val")}/{Colours[i % 3]}/p{i}.jpg",
                TemporaryFolder.SmallJpeg((ulong)i, 36, 34));
        }
    }

    public static AttributeTable Table(params (string Name, string[] Classes)[] attributes) =>
        new([.. attributes.Select(attribute => new AttributeGroup(
            attribute.Name, attribute.Name.ToLowerInvariant(), attribute.Classes.Length, attribute.Classes))]);

    public static void SaveCheckpoint(string path, AttributeTable attributes, ulong seed = 3)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, new TResNetOptions
        {
            Name = "tresnet_m",
            Layers = [1, 1, 1, 1],
            Width = 0.0625,
            Classes = attributes.ClassCount,
        });
        network.Initialize(seed);
        var state = new StateDict();
        // Scores that differ from class to class and from picture to picture, as those of a trained network do.
        var random = new SeededRandom(seed);
        foreach (var tensor in network.ToStateDict())
        {
            state.Add(tensor.Name.StartsWith("head.", StringComparison.Ordinal)
                ? StateTensors.From(tensor.Name, tensor.Shape, Spread(random, tensor.Count))
                : tensor);
        }
        new Checkpoint
        {
            State = state,
            Model = network.Options,
            Attributes = attributes,
            Preparation = new(32),
        }.Save(path);
    }

    public static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(arguments, output, error), output.ToString(), error.ToString());
    }

    /// <summary>Runs a command that must succeed.</summary>
    public static string Done(params string[] arguments)
    {
        var (exit, output, error) = Run(arguments);
        Assert.That(exit, Is.Zero, $"{string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>Runs a command that must be refused in one line.</summary>
    public static string Refused(params string[] arguments)
    {
        var (exit, _, error) = Run(arguments);
        Assert.That(exit, Is.EqualTo(CommandLine.WrongInput), $"{string.Join(' ', arguments)}: {error}");
        Assert.That(error.TrimEnd(), Does.Not.Contain("\n"));
        return error;
    }

    private static IEnumerable<(string Part, int[] Pictures)> Parts() =>
        [("train", [.. Enumerable.Range(0, Training)]), ("val", [.. Enumerable.Range(Training, Validation)])];

    private static void WritePictures(TemporaryFolder folder, string root, int[] pictures)
    {
        foreach (var i in pictures)
            folder.Write($"{root}/images/p{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i, 36, 34));
    }

    // By name alone: whatever the order, a picture keeps its labels.
    private static int Label(int picture, string name) =>
        (picture + name.Length) % 5 == 0 ? -1 : (picture * name.Length + name[0]) % 3 == 0 ? 1 : 0;

    private static string Cell(int picture, string attribute, string[] classes)
    {
        if ((picture + attribute.Length) % 5 == 0)
            return "";
        var sorted = classes.Order(StringComparer.Ordinal).ToArray();
        return $"{Array.IndexOf(classes, sorted[(picture * 7 + attribute[0]) % classes.Length])}";
    }

    private static float[] Spread(SeededRandom random, long count) =>
        [.. Enumerable.Range(0, (int)count).Select(_ => (random.Next(2001) - 1000) / 500f)];
}
