using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Flixstock.Engine;

namespace Flixstock.Tests.Library;

/// <summary>
/// The documentation of every public type says what may be shared between threads: by a remark "Threads: ...", or by
/// the rule of docs/architecture.md for what cannot change: enumerations, exceptions, delegates, static classes,
/// structs and records without a way to change them.
/// </summary>
public sealed partial class ThreadDocumentationTests
{
    private static readonly Dictionary<string, XElement> Documented = XDocument
        .Load(Path.ChangeExtension(typeof(Predictor).Assembly.Location, ".xml")).Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    private static IEnumerable<Type> PublicTypes => typeof(Predictor).Assembly.GetExportedTypes();

    [Test]
    public void EveryPublicTypeSaysWhatThreadsMayShare() => Assert.That(
        PublicTypes.Where(type => !IsCoveredByRule(type) && !Sentence().IsMatch(RemarksOf(type)))
            .Select(type => type.FullName),
        Is.Empty);

    [Test]
    public void NobodySaysItTwice() => Assert.That(
        PublicTypes.Where(type => Sentence().Count(RemarksOf(type)) > 1).Select(type => type.FullName), Is.Empty);

    [Test]
    public void TheRuleIsWrittenDown() => Assert.That(
        File.ReadAllText(Repository.Find("docs", "architecture.md")),
        Does.Contain("Threads: any number.").And.Contain("Threads: one at a time."));

    // Also the rule's own claim about static classes, internal ones too: what they keep cannot change, or they say who
    // may change it.
    [Test]
    public void StaticClassesKeepNothingThatChanges() => Assert.That(
        typeof(Predictor).Assembly.GetTypes()
            .Where(type => IsStatic(type) && IsWritten(type) && !Sentence().IsMatch(RemarksOf(type))).SelectMany(
                type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)).Where(
                    field => !field.IsInitOnly && !field.IsLiteral && IsWritten(field)
                        && field.GetCustomAttribute<ThreadStaticAttribute>() is null)
            .Select(field => $"{field.DeclaringType}.{field.Name}"),
        Is.Empty);

    // By a person, not by the compiler, nor from onnx.proto and events.proto.
    private static bool IsWritten(MemberInfo member) =>
        !member.Name.Contains('<', StringComparison.Ordinal)
        && member.Name is not (nameof(OnnxReflection) or nameof(EventsReflection))
        && member.GetCustomAttribute<CompilerGeneratedAttribute>() is null;

    private static bool IsCoveredByRule(Type type) =>
        type.IsEnum || type.IsAssignableTo(typeof(Exception)) || type.IsAssignableTo(typeof(Delegate)) || IsStatic(type)
        || type.IsByRefLike
        || ((type.IsValueType || IsRecord(type)) && !type.IsAssignableTo(typeof(IDisposable)) && CannotChange(type));

    private static bool IsStatic(Type type) => type is { IsAbstract: true, IsSealed: true };

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static bool CannotChange(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.FlattenHierarchy).All(field => field.IsInitOnly || !IsSettable(type, field));

    // A property with init has a field that is not read-only, and no way to set it afterwards.
    private static bool IsSettable(Type type, FieldInfo field) =>
        BackingField().Match(field.Name) is not { Success: true } match || type.GetProperty(
            match.Groups[1].Value,
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic) is not { } property
        || property.SetMethod is { } set
            && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string RemarksOf(Type type) =>
        Documented.TryGetValue($"T:{type.FullName!.Replace('+', '.')}", out var member)
            ? string.Join(' ', member.Elements("remarks").Select(remarks => remarks.Value))
            : "";

    [GeneratedRegex(@"\bThreads: (any number|one at a time)\b")]
    private static partial Regex Sentence();

    [GeneratedRegex("^<(.+)>k__BackingField$")]
    private static partial Regex BackingField();
}
