using System.Globalization;

namespace SplitVmm.DesktopService.Sandboxing.Policies;

/// <summary>A system call, perhaps only with certain arguments. Rules for one call are alternatives.</summary>
/// <param name="Name">As in <c>syscalls(2)</c>.</param>
/// <param name="Tests">All of them have to hold.</param>
internal sealed record CallRule(string Name, IReadOnlyList<ArgumentTest> Tests)
{
    /// <summary>Reads <c>NAME</c> or <c>NAME: argN [&amp; MASK] == VALUE[, …]</c>.</summary>
    /// <param name="error">One line.</param>
    public static bool TryParse(string text, out CallRule rule, out string error)
    {
        string[] parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        rule = new CallRule(parts[0], []);
        error = "";
        if (parts[0].Length == 0 || !parts[0].All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_'))
        {
            error = $"'{parts[0]}' is not the name of a system call";
            return false;
        }

        var tests = new List<ArgumentTest>();
        foreach (string test in parts.Length == 2 ? parts[1].Split(',', StringSplitOptions.TrimEntries) : [])
        {
            if (!ArgumentTest.TryParse(test, out ArgumentTest parsed))
            {
                error = $"'{test}' is not a test of an argument: write argN == VALUE or argN & MASK == VALUE";
                return false;
            }

            tests.Add(parsed);
        }

        rule = rule with { Tests = tests };
        return true;
    }
}

/// <summary>A test of one argument of a system call: <c>(argument &amp; Mask) == Value</c>.</summary>
/// <param name="Index">0 to 5.</param>
/// <param name="Mask">All ones if none is written.</param>
/// <param name="Value">Has no bit outside the mask.</param>
internal readonly record struct ArgumentTest(int Index, ulong Mask, ulong Value)
{
    public static bool TryParse(string text, out ArgumentTest test)
    {
        test = default;
        string[] sides = text.Split("==", StringSplitOptions.TrimEntries);
        if (sides.Length != 2 || !TryParseNumber(sides[1], out ulong value))
        {
            return false;
        }

        string[] left = sides[0].Split('&', StringSplitOptions.TrimEntries);
        ulong mask = ulong.MaxValue;
        if (left.Length > 2 || (left.Length == 2 && !TryParseNumber(left[1], out mask)))
        {
            return false;
        }

        const int Arguments = 6;
        string name = left[0];
        int index = name.Length == 4 && name.StartsWith("arg", StringComparison.Ordinal) ? name[3] - '0' : -1;
        test = new ArgumentTest(index, mask, value);
        // A value outside the mask could never be met.
        return index is >= 0 and < Arguments && (value & ~mask) == 0;
    }

    private static bool TryParseNumber(string text, out ulong value) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
