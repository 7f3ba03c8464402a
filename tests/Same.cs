using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NUnit.Framework.Constraints;

namespace Flixstock.Tests;

/// <summary>
/// Constraints for large arrays: <see cref="Is.EqualTo(object)"/> compares element by element through several layers,
/// which takes seconds for a file of a few megabytes.
/// </summary>
internal static class Same
{
    /// <summary>Equal to an array, bit by bit.</summary>
    /// <param name="expected">The array.</param>
    public static Constraint As<T>(T[] expected) where T : unmanaged => new ArrayConstraint<T>(expected);

    /// <summary>Different from an array in at least one bit.</summary>
    /// <param name="other">The array.</param>
    public static Constraint Not<T>(T[] other) where T : unmanaged => new NotConstraint(As(other));

    private sealed class ArrayConstraint<T>(T[] expected) : Constraint where T : unmanaged
    {
        public override string Description => $"{expected.Length} elements of which all are the expected ones";

        public override ConstraintResult ApplyTo<TActual>(TActual actual)
        {
            if (actual is not T[] given)
                return new ConstraintResult(this, actual, isSuccess: false);
            if (Bytes(given).SequenceEqual(Bytes(expected)))
                return new ConstraintResult(this, actual, isSuccess: true);
            var at = Bytes(given).CommonPrefixLength(Bytes(expected)) / Unsafe.SizeOf<T>();
            return new ConstraintResult(this, $"{given.Length} elements, {Text(given, at)} instead of "
                + $"{Text(expected, at)} at {at}", isSuccess: false);
        }

        private static ReadOnlySpan<byte> Bytes(T[] values) =>
            MemoryMarshal.AsBytes<T>(values);

        private static string Text(T[] values, int at) => at < values.Length ? $"{values[at]}" : "the end";
    }
}

/// <summary>The constraint finds what it is for.</summary>
public sealed class SameTests
{
    [TestCase(new byte[] { 1, 2, 3 }, new byte[] { 1, 2, 3 }, true)]
    [TestCase(new byte[] { 1, 2, 3 }, new byte[] { 1, 2, 4 }, false)]
    [TestCase(new byte[] { 1, 2, 3 }, new byte[] { 1, 2 }, false)]
    [TestCase(new byte[] { }, new byte[] { }, true)]
    public void ArraysAreComparedByTheirBits(byte[] actual, byte[] expected, bool equal)
    {
        Assert.That(Same.As(expected).ApplyTo(actual).IsSuccess, Is.EqualTo(equal));
        float[] negative = [-0f], positive = [0f];
        Assert.That(Same.As(positive).ApplyTo(negative).IsSuccess, Is.False, "0 and -0 have different bits");
    }

    [Test]
    public void AFailureNamesThePlace() =>
        Assert.That(
            () => Assert.That(new[] { 1, 2, 3 }, Same.As([1, 5, 3])),
            Throws.TypeOf<AssertionException>().With.Message.Contains("2 instead of 5 at 1"));
}
