using System.Globalization;

namespace Flixstock.PtxEmulator;

/// <summary>Operands from text.</summary>
internal static class OperandReader
{
    /// <summary>Splits at commas that are not inside braces or brackets.</summary>
    public static List<string> Split(string text)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '{' or '[' or '(')
            {
                depth++;
            }
            else if (text[i] is '}' or ']' or ')')
            {
                depth--;
            }
            else if (text[i] == ',' && depth == 0)
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
        }
        if (start < text.Length && text[start..].Trim() is { Length: > 0 } last)
            parts.Add(last);
        return parts;
    }

    public static PtxOperand Read(string text)
    {
        if (text == "_")
            return new PtxOperand(OperandKind.Sink);
        if (text[0] == '!')
            return Read(text[1..].Trim()) with { Negated = true };
        if (text[0] == '{')
            return new PtxOperand(OperandKind.Vector, Parts: [.. Split(text[1..^1]).Select(Read)]);
        if (text[0] == '[')
            return ReadAddress(text[1..^1].Trim());
        if (text.Contains('|', StringComparison.Ordinal))
        {
            return new PtxOperand(
                OperandKind.PredicatePair, Parts: [.. text.Split('|').Select(part => Read(part.Trim()))]);
        }
        if (text[0] == '%')
            return new PtxOperand(OperandKind.Register, text);
        if (char.IsDigit(text[0]) || text[0] == '-')
            return ReadImmediate(text);
        return ReadSum(text, OperandKind.Symbol);
    }

    private static PtxOperand ReadAddress(string text)
    {
        if (char.IsDigit(text[0]))
            return new PtxOperand(OperandKind.Address, "", ReadImmediate(text).Bits);
        return ReadSum(text, OperandKind.Address);
    }

    private static PtxOperand ReadSum(string text, OperandKind kind)
    {
        int plus = text.IndexOf('+', StringComparison.Ordinal);
        if (plus < 0)
            return new PtxOperand(kind, text);
        return new PtxOperand(kind, text[..plus].Trim(), ReadImmediate(text[(plus + 1)..].Trim()).Bits);
    }

    private static PtxOperand ReadImmediate(string text)
    {
        bool negative = text[0] == '-';
        var digits = negative ? text[1..] : text;
        if (digits.StartsWith("0f", StringComparison.OrdinalIgnoreCase))
        {
            return new PtxOperand(
                OperandKind.Immediate, Bits: uint.Parse(digits[2..], NumberStyles.HexNumber), IsFloat: true);
        }
        if (digits.StartsWith("0d", StringComparison.OrdinalIgnoreCase))
        {
            return new PtxOperand(
                OperandKind.Immediate, Bits: (long)ulong.Parse(digits[2..], NumberStyles.HexNumber), IsFloat: true);
        }
        digits = digits.TrimEnd('U');
        ulong value = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.Parse(digits[2..], NumberStyles.HexNumber)
            : ulong.Parse(digits, NumberStyles.None);
        return new PtxOperand(OperandKind.Immediate, Bits: negative ? -(long)value : (long)value);
    }
}
