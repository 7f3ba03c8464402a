using System.Security.Cryptography;
using Flixstock.Engine;

namespace Flixstock.Tests.Writing;

/// <summary>The hash that needs no OpenSSL is the standard's.</summary>
public sealed class Sha256Tests
{
    // FIPS 180-4's example.
    [Test]
    public void AbcHasThePublishedHash() => Assert.That(
        Convert.ToHexStringLower(Sha256.HashData("abc"u8)),
        Is.EqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));

    [Test]
    public void EveryLengthHasTheFrameworksHash()
    {
        var random = new Random(1);
        for (var length = 0; length < 300; length++)
        {
            var data = new byte[length];
            random.NextBytes(data);
            Assert.That(Sha256.HashData(data), Is.EqualTo(SHA256.HashData(data)), $"{length} bytes");
        }
    }

    [Test]
    public void PiecesAndTheNextHashAreTheSame()
    {
        var (random, hash) = (new Random(2), new Sha256());
        for (var round = 0; round < 20; round++)
        {
            var data = new byte[random.Next(2000)];
            random.NextBytes(data);
            for (var at = 0; at < data.Length;)
            {
                var count = Math.Min(data.Length - at, random.Next(1, 150));
                hash.Append(data.AsSpan(at, count));
                at += count;
            }
            Assert.That(hash.GetHashAndReset(), Is.EqualTo(SHA256.HashData(data)));
        }
    }
}
