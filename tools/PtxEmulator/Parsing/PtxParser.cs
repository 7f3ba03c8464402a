using System.Text.RegularExpressions;

namespace Flixstock.PtxEmulator;

/// <summary>PTX text to kernels. What is between the braces of an entry goes to <see cref="KernelBuilder"/>.</summary>
internal sealed partial class PtxParser(string text)
{
    private readonly PtxScanner _scanner = new(text);
    private readonly List<PtxVariable> _globals = [], _constants = [], _shared = [];
    private readonly Dictionary<string, PtxKernel> _kernels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _symbols = new(StringComparer.Ordinal);
    private string _target = "";

    [GeneratedRegex(
        @"^(?:\.\w+\s+)*?\.(?<space>global|const|shared|local)\s+(?:\.align\s+(?<align>\d+)\s+)?(?:\.attribute\([^)]*\)\s*)?\.(?<type>\w+)\s+(?<name>[\w$%]+)(?<dimensions>(?:\[\d*\])*)\s*(?:=\s*(?<initial>.*))?$",
        RegexOptions.Singleline)]
    private static partial Regex Variable { get; }

    [GeneratedRegex(
        @"\.param\s+(?:\.align\s+(?<align>\d+)\s+)?\.(?<type>\w+)\s+(?:\.ptr\s+)?(?:\.(?:global|const|shared|local)\s+)?(?:\.align\s+(?<align>\d+)\s+)?(?<name>[\w$%]+)(?:\[(?<count>\d+)\])?")]
    private static partial Regex Parameter { get; }

    public PtxModule ReadModule()
    {
        while (!_scanner.AtEnd)
            ReadTopLevel();
        return new PtxModule { Target = _target, Globals = _globals, Constants = _constants, Kernels = _kernels };
    }

    private void ReadTopLevel()
    {
        if (StartsWithAny(".version", ".target", ".address_size", ".file"))
        {
            var line = _scanner.ReadUntil('\n').Trim();
            if (line.StartsWith(".target", StringComparison.Ordinal))
                _target = line[7..].Trim();
        }
        else if (_scanner.StartsWith(".section"))
        {
            _scanner.SkipBlock();
        }
        else
        {
            ReadDeclaration();
        }
    }

    private bool StartsWithAny(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (_scanner.StartsWith(word))
                return true;
        }
        return false;
    }

    private void ReadDeclaration()
    {
        var head = _scanner.ReadUntil('{', ';', '(', '=');
        int line = _scanner.Line;
        if (head.Contains(".entry", StringComparison.Ordinal))
        {
            ReadEntry(head, line);
        }
        else if (head.Contains(".func", StringComparison.Ordinal))
        {
            throw new PtxException(
                $"PTX line {line}: device function '{head.Trim()}' was not inlined; calls are not executed");
        }
        else
        {
            var declaration = head + _scanner.ReadUntil(';');
            _scanner.Skip();
            var (space, variable) = ReadVariable(declaration.Trim(), line);
            _symbols.Add(variable.Name);
            (space switch { "const" => _constants, "shared" => _shared, _ => _globals }).Add(variable);
        }
    }

    private void ReadEntry(string head, int line)
    {
        var name = head.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[^1];
        var parameters = new List<PtxParameter>();
        if (_scanner.Peek == '(')
        {
            _scanner.Skip();
            ReadParameters(_scanner.ReadUntil(')'), parameters);
            _scanner.Skip();
        }
        var directives = _scanner.ReadUntil('{', ';');
        if (_scanner.Peek == ';')
        {
            _scanner.Skip();
            return;
        }
        var builder = new KernelBuilder(name, line, parameters, _shared, _symbols, directives);
        _kernels[name] = builder.Read(_scanner);
    }

    private static void ReadParameters(string list, List<PtxParameter> parameters)
    {
        int offset = 0;
        foreach (Match match in Parameter.Matches(list))
        {
            var type = match.Groups["type"].Value;
            int element = PtxType.Bytes(type);
            bool array = match.Groups["count"].Success;
            int bytes = array ? element * int.Parse(match.Groups["count"].ValueSpan) : element;
            int alignment =
                match.Groups["align"].Success && array ? int.Parse(match.Groups["align"].ValueSpan) : element;
            offset = (offset + alignment - 1) / alignment * alignment;
            parameters.Add(new PtxParameter(match.Groups["name"].Value, type, offset, bytes));
            offset += bytes;
        }
    }

    /// <summary>A variable's declaration without the semicolon.</summary>
    public static (string Space, PtxVariable Variable) ReadVariable(string declaration, int line)
    {
        var match = Variable.Match(declaration);
        if (!match.Success)
            throw new PtxException($"PTX line {line}: declaration '{declaration}' is not understood");
        int element = PtxType.Bytes(match.Groups["type"].Value), count = 1;
        foreach (var dimension in match.Groups["dimensions"].Value.Split(
            ['[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            count *= int.Parse(dimension);
        }
        if (match.Groups["dimensions"].Value.Contains("[]", StringComparison.Ordinal))
            count = 0;
        int alignment = match.Groups["align"].Success ? int.Parse(match.Groups["align"].ValueSpan) : element;
        var initial = match.Groups["initial"].Success
            ? ReadInitial(match.Groups["initial"].Value, element, count * element)
            : null;
        return (
            match.Groups["space"].Value,
            new PtxVariable(match.Groups["name"].Value, count * element, alignment, initial));
    }

    private static byte[] ReadInitial(string list, int element, int bytes)
    {
        var result = new byte[bytes];
        int offset = 0;
        foreach (var item in list.Split(['{', '}', ',', ' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            BitConverter.GetBytes(OperandReader.Read(item).Bits).AsSpan(0, element).CopyTo(result.AsSpan(offset));
            offset += element;
        }
        return result;
    }
}
