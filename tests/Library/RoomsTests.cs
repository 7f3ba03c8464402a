namespace Flixstock.Tests.Library;

/// <summary>
/// The engine's folders are rooms in one order, and a file names types of its own room and of rooms above it only.
/// </summary>
public sealed class RoomsTests
{
    // Kernels, layers and operations are one room in three folders: IKernels and its tables are partial types.
    private static readonly string[] Rooms =
    [
        ". Random",
        "Writing",
        "Tensors",
        "Devices",
        "Devices/Cpu",
        "Devices/Machine",
        "Devices/Cuda/Interop",
        "Devices/Cuda/Driver",
        "Devices/Cuda/Compilation",
        "Devices/Cuda",
        "Devices/Cuda/Libraries",
        "Devices/Cuda/Doctor",
        "Kernels Layers Operations",
        "Checking",
        "Data/Finding",
        "Data/Labels",
        "Data/Pictures",
        "Drawing",
        "Data",
        "Data/Formats",
        "Data/Augmentation",
        "Data/Loading",
        "Data/Inspection",
        "Data/Splitting",
        "Data/Simulation",
        "Data/Synthesis",
        "Data/Fetching",
        "Weights",
        "Losses",
        "Models",
        "Optimization",
        "Evaluation",
        "Training",
        "Export",
        "Experiments",
        "Reports",
    ];

    [Test]
    public void NoFileNamesARoomBelow()
    {
        var files = SourceFile.Below(Path.Combine(Golden.RepositoryFolder, "engine"));
        Assert.That(files, Has.Count.GreaterThan(400));
        Assert.That(new RoomLeaks(Rooms).Find(files), Is.Empty, "docs/architecture.md says what stands in which room");
    }

    [Test]
    public void TheDocumentationListsTheRoomsInThisOrder()
    {
        var table = File.ReadLines(Repository.Find("docs", "architecture.md")).SkipWhile(
            line => line != "| room in `engine` | what stands there |").TakeWhile(line => line.StartsWith('|'));
        Assert.That(table.Skip(2).Select(line => line.Split('`')[1]), Is.EqualTo(Rooms));
    }
}
