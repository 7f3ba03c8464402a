using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>What is no picture to be read: too many pixels, too large a file, and no file at all.</summary>
public sealed class PictureLimitTests
{
    // 22,400 x 22,400 pixels in a header and nothing behind it.
    private static readonly byte[] Gif =
    [
        .. "GIF89a"u8, 0x80, 0x57, 0x80, 0x57, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0, 0x80, 0x57, 0x80,
        0x57, 0, 2, 2, 0x4C, 1, 0, 0x3B,
    ];

    // Below /dev as well: only what a shell hands over is read.
    [TestCase("/dev/shm/flixstock-pipe-", "a named pipe")]
    [TestCase("/dev/fd/", null)]
    public void APipeIsReadOnlyWhereAShellHandsItOver(string place, string? kind)
    {
        if (!Directory.Exists(Path.GetDirectoryName(place)))
            Assert.Ignore($"there is no {place} here");
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        var path = kind is null ? $"{place}{pipe.SafePipeHandle.DangerousGetHandle()}" : $"{place}{Guid.NewGuid():N}";
        if (kind is not null)
        {
            using var made = Process.Start("mkfifo", [path]);
            made.WaitForExit();
        }

        try
        {
            Assert.That((FileKind.Irregular(path), FileKind.IsPipe(path)), Is.EqualTo((kind, true)));
        }
        finally
        {
            if (kind is not null)
                File.Delete(path);
        }
    }

    [Test]
    public void PicturesWithTooManyPixelsAreRefusedBeforeMemoryIsTaken(
        [Values("gif", "jpg", "png", "bmp", "webp", "tif")] string kind)
    {
        var bomb = Bomb(kind);
        Refused(bomb, kind); // loads what there is to load
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bomb, kind);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void TheLimitIsTheUsersAndExact()
    {
        var file = PictureWriter.EncodePng(RowDecodingTests.Noise(20, 10, 1));
        Assert.That(
            PictureDecoder.Decode(file, "a", reading: new PictureReading { MaxPixels = 200 }).Width, Is.EqualTo(20));
        Assert.That(() => PictureDecoder.Decode(file, "a", reading: new PictureReading { MaxPixels = 199 }),
            Throws.InstanceOf<PictureException>().With.Message.EqualTo("a: 20 x 10 pixels are too many: at most 0 "
                + "million are read; make the picture smaller, or allow more with MaxPixels"));
    }

    [Test]
    public void FilesThatAreTooLargeAreRefusedUnread()
    {
        using var folder = new TemporaryFolder();
        using (var sparse = File.Create(folder["a.jpg"]))
            sparse.SetLength(2L << 30);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => new Sample("a.jpg", folder["a.jpg"], []).Decode(),
            Throws.InstanceOf<PictureException>().With.Message
                .StartsWith($"{folder["a.jpg"]}: the file is too large for a picture: at most 256 MiB are read"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000));
        Assert.That(
            () => new Sample("b.jpg", folder["a.jpg"], []) { Offset = 5, ByteCount = int.MaxValue }.Decode(),
            Throws.InstanceOf<PictureException>().With.Message.Contains("b.jpg (at byte 5): the file is too large"));
    }

    [Test]
    public void SidesThatNoTableHasRoomForAreRefused() =>
        Assert.That(
            () => PictureDecoder.Decode(Tiff(1, 100_000_000), "thin"),
            Throws.InstanceOf<PictureException>().With.Message.Contains("sides of more than"));

    [Test]
    [Platform("Linux,MacOsX")]
    public void WhatIsNoFileIsRefusedWithoutOpeningIt()
    {
        using var folder = new TemporaryFolder();
        using (var made = Process.Start("mkfifo", [folder["pipe.jpg"]]))
            made.WaitForExit();
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream,
            System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(folder["socket.jpg"]));
        File.CreateSymbolicLink(folder["zero.jpg"], "/dev/zero");
        File.CreateSymbolicLink(folder["link.jpg"], folder["pipe.jpg"]);
        Directory.CreateDirectory(folder["folder.jpg"]);
        foreach (var (file, what) in new[]
        {
            ("pipe.jpg", "a named pipe"), ("link.jpg", "a named pipe"), ("socket.jpg", "a socket"),
            ("zero.jpg", "a device"), ("folder.jpg", "a folder"),
        })
        {
            Assert.That(() => PictureDecoder.Decode(folder[file]), Throws.InstanceOf<PictureException>().With.Message
                .EqualTo($"{folder[file]}: that is {what} and no picture; replace or remove it"));
            Assert.That(
                () => new Sample("x", folder[file], []) { ByteCount = 3 }.ReadBytes(),
                Throws.InstanceOf<PictureException>().With.Message.Contains($"that is {what} and no picture"));
            if (what == "a folder")
                continue;
            NUnit.Framework.Constraints.IResolveConstraint Refusal() => Throws.InstanceOf<InputException>().With.Message
                .StartsWith($"{folder[file]}: that is {what} and not a file");
            Assert.That(() => WeightsFile.Read(folder[file]), Refusal());
            Assert.That(() => WholeFile.Read(folder[file]), Refusal());
            Assert.That(() => TextFile.Read(folder[file]), Refusal());
        }
    }

    private static void Refused(byte[] bomb, string kind) => Assert.That(
        () => PictureDecoder.Decode(bomb, $"a.{kind}"),
        Throws.InstanceOf<PictureException>().With.Message.Match($@"^a\.{kind}: (22400 x 22400|16000 x 16000) pixels "
            + $@"are too many: at most 178\.957 million are read; make"));

    private static byte[] Bomb(string kind) => kind switch
    {
        "gif" => Gif,
        "png" => PngMaker.Bomb(22400, 22400),
        "jpg" => Jpeg(),
        "bmp" =>
            [
                .. "BM"u8, 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 0x80, 0x57, 0, 0, 0x80, 0x57, 0, 0, 1, 0,
                24, 0, .. new byte[40],
            ],
        "webp" => Webp(),
        _ => Tiff(22400, 22400),
    };

    // The size stands in the frame header, two bytes for each side.
    private static byte[] Jpeg()
    {
        var file = PictureWriter.EncodeJpeg(RowDecodingTests.Noise(16, 16, 1));
        var frame = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        (file[frame + 5], file[frame + 6], file[frame + 7], file[frame + 8]) = (0x57, 0x80, 0x57, 0x80);
        return file;
    }

    private static byte[] Webp()
    {
        var file = RowDecodingTests.Encoded(RowDecodingTests.Noise(16, 16, 1), SkiaSharp.SKEncodedImageFormat.Webp);
        var start = file.AsSpan().IndexOf([(byte)0x9D, (byte)0x01, (byte)0x2A]);
        (file[start + 3], file[start + 4], file[start + 5], file[start + 6]) = (0x80, 0x3E, 0x80, 0x3E);
        return file;
    }

    private static byte[] Tiff(uint width, uint height)
    {
        (ushort Tag, uint Value)[] tags =
        [
            (256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, 100),
        ];
        return
        [
            .. "II*\0"u8, 8, 0, 0, 0, (byte)tags.Length, 0,
            .. tags.SelectMany(
                tag => (byte[])[(byte)tag.Tag, (byte)(tag.Tag >> 8), 4, 0, 1, 0, 0, 0, .. BitConverter.GetBytes(
                    tag.Value)]),
            0, 0, 0, 0,
        ];
    }
}
