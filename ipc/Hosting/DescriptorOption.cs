using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SplitVmm.Hosting;

/// <summary>Options whose value is the number of an inherited descriptor.</summary>
public static class DescriptorOption
{
    // Those before are standard input, output and error.
    private const int First = 3;

    public static Option<int?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = Parse,
    };

    /// <summary>Whether the text is a number that an inherited descriptor can have.</summary>
    public static bool TryParse(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= First;

    private static int? Parse(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (TryParse(text, out int number))
        {
            return number;
        }

        result.AddError($"{((OptionResult)result.Parent!).Option.Name} '{text}' is not a descriptor; write the number of an inherited one, at least {First}");
        return null;
    }
}
