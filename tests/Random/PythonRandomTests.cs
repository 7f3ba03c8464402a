using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class PythonRandomTests
{
    [Test]
    public void Draws_are_those_of_Python()
    {
        foreach (var expected in Golden.Json("split/split_folders_1337.json").GetProperty("python_random")
            .EnumerateArray())
        {
            var seed = expected.GetProperty("seed").GetUInt64();
            var random = new PythonRandom(seed); // one generator for all three kinds of draws
            Assert.Multiple(() =>
            {
                foreach (var value in expected.GetProperty("getrandbits32").EnumerateArray())
                    Assert.That(random.GetRandomBits(32), Is.EqualTo(value.GetUInt32()));
                foreach (var value in expected.GetProperty("randbelow10").EnumerateArray())
                    Assert.That(random.RandomBelow(10), Is.EqualTo(value.GetInt32()));
                foreach (var value in expected.GetProperty("random").EnumerateArray())
                    Assert.That(random.Random(), Is.EqualTo(value.GetDouble()));
            });
        }
    }
}
