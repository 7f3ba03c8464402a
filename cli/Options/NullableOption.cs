using System.CommandLine;

namespace Flixstock.Cli;

/// <summary>
/// An option without a default value. <c>none</c>, Python's word for such a value, is the same as leaving it out:
/// <see cref="ArgumentSpelling.Parse"/> takes it away, as a parser that returns null ends in an exception of the
/// library.
/// </summary>
/// <typeparam name="T">A type that has null.</typeparam>
internal sealed class NullableOption<T>(string name) : Option<T>(name), INullableOption;

/// <summary>A <see cref="NullableOption{T}"/> of any type.</summary>
internal interface INullableOption;
