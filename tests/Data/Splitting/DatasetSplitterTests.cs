using System.Security.Cryptography;
using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class DatasetSplitterTests
{
    [Test]
    public void A_split_is_laid_out_as_the_reference_and_loads_again()
    {
        using var folder = new TemporaryFolder();
        var layout = folder.CleanedDataset(40);
        var report = new DatasetSplitter(folder.Path, new SplitOptions { Workers = 2 }).Run();
        Assert.That((report.Train, report.Validation, report.Test), Is.EqualTo((32, 4, 4)));
        var train = GarmentData.Part(folder.Path, "train");
        Assert.Multiple(() =>
        {
            Assert.That(report.Augmented, Is.GreaterThan(0));
            Assert.That(train.Samples, Has.Count.EqualTo(32 + report.Augmented));
            Assert.That(GarmentData.Part(folder.Path, "val").Samples, Has.Count.EqualTo(4));
            Assert.That(GarmentData.Part(folder.Path, "test").Samples, Has.Count.EqualTo(4));
            Assert.That(report.Outputs, Has.All.Matches<string>(Path.Exists));
            Assert.That(report.Distribution[0].TrainAfter.Sum(), Is.EqualTo(32 + report.Augmented));
            Assert.That(Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName), Is.EquivalentTo(new[]
            {
                "images_cleaned", "attributes_cleaned.csv", "images_split", "images_augmented",
                "attributes_train.csv", "attributes_val.csv", "attributes_test.csv", "class_distribution.csv",
                "class_distribution_neck.png", "class_distribution_sleeve_length.png", "class_distribution_pattern.png",
                "class_distribution_neck.svg", "class_distribution_sleeve_length.svg", "class_distribution_pattern.svg",
            }), "nothing else");
        });
        foreach (var sample in train.Samples)
        {
            var original = Path.Combine(layout.CleanedImages, sample.File);
            if (File.Exists(original))
            {
                Assert.That(
                    File.ReadAllBytes(sample.Path), Same.As(File.ReadAllBytes(original)), "copied byte for byte");
            }
            else
            {
                Assert.That(sample.File, Does.Match(@"^p\d{3}_aug_\d+\.jpg$"));
            }
        }
    }

    [Test]
    public void The_result_does_not_depend_on_the_number_of_threads_and_replaces_an_earlier_one()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(30);
        new DatasetSplitter(folder.Path, new SplitOptions { Workers = 1 }).Run();
        var one = Fingerprint(folder.Path);
        Assert.That(
            () => new DatasetSplitter(folder.Path, new SplitOptions { Workers = 4, Seed = 5 }).Run(),
            Throws.InstanceOf<InputException>().With.Message.Contains("replace the division with overwrite"));
        Assert.That(Fingerprint(folder.Path), Is.EqualTo(one), "a division is replaced only when that is asked for");
        new DatasetSplitter(folder.Path, new SplitOptions { Workers = 4, Seed = 5, Overwrite = true }).Run();
        Assert.That(Fingerprint(folder.Path), Is.Not.EqualTo(one));
        new DatasetSplitter(folder.Path, new SplitOptions { Workers = 4, Overwrite = true }).Run();
        Assert.That(Fingerprint(folder.Path), Is.EqualTo(one));
    }

    [Test]
    public void A_bad_or_missing_picture_stops_the_split_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(20);
        var before = Fingerprint(folder.Path);
        foreach (var damage in new Action[]
        {
            () => Truncate(folder["images_cleaned/images/p003.jpg"]),
            () => File.Delete(folder["images_cleaned/images/p004.jpg"]),
        })
        {
            damage();
            before = Fingerprint(folder.Path);
            Assert.That(
                () => new DatasetSplitter(folder.Path, new SplitOptions()).Run(),
                Throws.InstanceOf<InputException>().With.Message.Contains("p00"));
            Assert.That(Fingerprint(folder.Path), Is.EqualTo(before));
        }
        var report = new DatasetSplitter(folder.Path, new SplitOptions { SkipBad = true }).Run();
        Assert.That(report.Skipped, Has.Count.EqualTo(2));
        Assert.That(report.Skipped, Has.Some.Contains("p003.jpg").And.Some.Contains("p004.jpg"));
        Assert.That(report.Train + report.Validation + report.Test, Is.EqualTo(18));
        Assert.That(File.Exists(Path.Combine(folder["images_split/train/images"], "p003.jpg")), Is.False);
    }

    [Test]
    public void A_cancelled_split_leaves_what_was_there()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(20);
        new DatasetSplitter(folder.Path, new SplitOptions()).Run();
        var before = Fingerprint(folder.Path);
        using var cancellation = new CancellationTokenSource();
        var progress = new Immediate(step =>
        {
            if (step.Stage == "augmenting")
                cancellation.Cancel();
        });
        Assert.That(
            () => new DatasetSplitter(folder.Path, new SplitOptions { Seed = 2, Overwrite = true })
                .Run(progress, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Fingerprint(folder.Path), Is.EqualTo(before));
    }

    [Test]
    public void A_picture_without_a_row_is_split_but_not_labelled()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(10);
        folder.Write("images_cleaned/images/zz.jpg", TemporaryFolder.SmallJpeg(99));
        folder.Write("images_cleaned/images/notes.txt", "no picture");
        var report = new DatasetSplitter(folder.Path, new SplitOptions { Stratified = true }).Run();
        Assert.That(report.Unlabelled, Is.EqualTo(new[] { "zz.jpg" }));
        Assert.That(report.Train + report.Validation + report.Test, Is.EqualTo(10));
        Assert.That(
            Directory.GetFiles(folder["images_split"], "*", SearchOption.AllDirectories), Has.Length.EqualTo(11));
    }

    [Test]
    public void Real_photos_go_through_the_split()
    {
        var photos = Directory.GetFiles(Photos.RequireFolder(), "*.jpg").Order(StringComparer.Ordinal).ToArray();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["images_cleaned/images"]);
        foreach (var photo in photos)
            File.Copy(photo, Path.Combine(folder["images_cleaned/images"], Path.GetFileName(photo)));
        folder.Write("attributes_cleaned.csv", "filename,neck,sleeve_length,pattern\n" + string.Concat(
            photos.Select((photo, i) => $"{Path.GetFileName(photo)},{i % 2},{i % 3},{(i == 0 ? "#N/A" : "4")}\n")));
        var report = new DatasetSplitter(folder.Path, new SplitOptions()).Run();
        Assert.That(report.Train + report.Validation + report.Test, Is.EqualTo(photos.Length));
        Assert.That(
            GarmentData.Part(folder.Path, "train").Samples.Select(sample => PictureDecoder.Decode(sample.Path).Width),
            Has.All.Positive);
    }

    [Test]
    public void An_empty_or_missing_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => new DatasetSplitter(folder["absent"], new SplitOptions()).Run(),
            Throws.InstanceOf<InputException>().With.Message.Contains("absent"));
        folder.Write("attributes_cleaned.csv", "filename,neck,sleeve_length,pattern\n");
        Directory.CreateDirectory(folder["images_cleaned/images"]);
        Assert.That(
            () => new DatasetSplitter(folder.Path, new SplitOptions()).Run(),
            Throws.InstanceOf<InputException>().With.Message.Contains("no pictures"));
    }

    private static void Truncate(string path) => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^200]);

    private static string Fingerprint(string folder) => string.Join(
        '\n',
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"));

    private sealed class Immediate(Action<SplitProgress> report) : IProgress<SplitProgress>
    {
        public void Report(SplitProgress value) => report(value);
    }
}
