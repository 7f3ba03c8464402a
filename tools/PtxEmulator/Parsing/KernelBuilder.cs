using System.Text.RegularExpressions;

namespace Flixstock.PtxEmulator;

/// <summary>Reads the body of one entry: registers, arrays, labels, instructions.</summary>
internal sealed partial class KernelBuilder(
    string name, int line, IReadOnlyList<PtxParameter> parameters, IReadOnlyList<PtxVariable> moduleShared,
    HashSet<string> symbols, string directives)
{
    private readonly List<PtxStatement> _statements = [];
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private readonly Stack<Dictionary<string, string>> _scopes = new();
    private readonly List<PtxVariable> _shared = [], _local = [];
    private readonly RegisterFile _registers = new();
    private int _sourceFile, _sourceLine, _scopeCount;

    [GeneratedRegex(@"^(?<name>[\w$%]+)(?:<(?<count>\d+)>)?$")]
    private static partial Regex Register { get; }

    [GeneratedRegex(@"^(?:@(?<guard>!?\s*[\w$%]+)\s+)?(?<word>[\w.:]+)(?<operands>.*)$", RegexOptions.Singleline)]
    private static partial Regex Instruction { get; }

    public PtxKernel Read(PtxScanner scanner)
    {
        int depth = 0;
        do
        {
            if (scanner.AtEnd)
                throw new PtxException($"kernel '{name}' has no end");
            if (scanner.Peek is '{' or '}')
            {
                depth += scanner.Peek == '{' ? OpenScope() : CloseScope();
                scanner.Skip();
            }
            else
            {
                ReadOne(scanner);
            }
        }
        while (depth > 0);
        return new Decoder(
            name, line, parameters, moduleShared, _shared, _local, symbols, _statements, _labels,
            _registers, directives).Decode();
    }

    private int OpenScope()
    {
        _scopes.Push(new Dictionary<string, string>(StringComparer.Ordinal));
        _scopeCount++;
        return 1;
    }

    private int CloseScope()
    {
        _scopes.Pop();
        return -1;
    }

    private void ReadOne(PtxScanner scanner)
    {
        if (scanner.TryLabel() is { } label)
        {
            _labels[label] = _statements.Count;
        }
        else if (scanner.StartsWith(".loc") && !scanner.StartsWith(".local"))
        {
            ReadLocation(scanner.ReadUntil('\n'));
        }
        else
        {
            var text = scanner.ReadUntil(';').Trim();
            scanner.Skip();
            if (text.StartsWith(".reg", StringComparison.Ordinal))
                ReadRegisters(text);
            else if (text.StartsWith(".pragma", StringComparison.Ordinal))
                return;
            else if (text[0] == '.')
                ReadArray(text, scanner.Line);
            else
                ReadInstruction(text, scanner.Line);
        }
    }

    private void ReadLocation(string text)
    {
        var words = text.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
        // Line 0 marks code without a place in the source: what came before still tells more.
        if (int.Parse(words[2]) is > 0 and var sourceLine)
            (_sourceFile, _sourceLine) = (int.Parse(words[1]), sourceLine);
    }

    private void ReadRegisters(string text)
    {
        var rest = text[4..].Trim();
        int space = rest.IndexOfAny([' ', '\t']);
        var type = rest[1..space];
        foreach (var item in rest[space..].Split(','))
        {
            var match = Register.Match(item.Trim());
            var register = match.Groups["name"].Value;
            if (!match.Groups["count"].Success)
                Declare(register, type);
            for (int i = 0; match.Groups["count"].Success && i < int.Parse(match.Groups["count"].ValueSpan); i++)
                Declare(register + i, type);
        }
    }

    private void Declare(string register, string type)
    {
        // The body's own names stay; those of inner braces (inline assembly) may repeat.
        var unique = _scopes.Count > 1 ? $"{register}@{_scopeCount}" : register;
        _scopes.Peek()[register] = unique;
        _registers.Declare(unique, type);
    }

    private void ReadArray(string text, int at)
    {
        var (space, variable) = PtxParser.ReadVariable(text, at);
        (space == "shared" ? _shared : _local).Add(variable);
    }

    private void ReadInstruction(string text, int at)
    {
        var match = Instruction.Match(text);
        if (!match.Success)
            throw new PtxException($"kernel '{name}', PTX line {at}: '{text}' is not an instruction");
        var guard = match.Groups["guard"].Success ? Resolve(OperandReader.Read(match.Groups["guard"].Value)) : null;
        _statements.Add(new PtxStatement
        {
            Text = Regex.Replace(text, @"\s+", " "),
            Words = match.Groups["word"].Value.Replace("::", "_", StringComparison.Ordinal).Split('.'),
            Operands = [.. OperandReader.Split(match.Groups["operands"].Value.Trim())
                .Select(operand => Resolve(OperandReader.Read(operand)))],
            Guard = guard,
            Line = at,
            SourceFile = _sourceFile,
            SourceLine = _sourceLine,
        });
    }

    private PtxOperand Resolve(PtxOperand operand)
    {
        if (operand.Parts is { } parts)
            return operand with { Parts = [.. parts.Select(Resolve)] };
        foreach (var scope in _scopes)
        {
            if (scope.TryGetValue(operand.Text, out var unique))
            {
                return operand with
                {
                    Text = unique,
                    Kind = operand.Kind == OperandKind.Symbol ? OperandKind.Register : operand.Kind,
                };
            }
        }
        return operand;
    }
}
