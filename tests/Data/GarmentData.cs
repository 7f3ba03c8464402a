using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>Data sets as a split writes them: a part, or any label file with its folder of pictures.</summary>
internal static class GarmentData
{
    public static ImageDataset Part(string dataFolder, string part) =>
        new DatasetSource(dataFolder, DatasetType.Garments).Load(part);

    public static ImageDataset Read(string csv, string pictures) =>
        GarmentFormat.Read(new PartRequest(Path.GetDirectoryName(Path.GetFullPath(csv))!, "train"), csv, pictures);
}
