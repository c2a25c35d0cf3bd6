using System.CommandLine;
using System.CommandLine.Parsing;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>Reads the text of an option; on failure <paramref name="error"/> is one line with the remedy.</summary>
internal delegate bool ValueReader<T>(string text, out T value, out string error);

/// <summary>Options whose text has a reader of its own, so that mistakes are told in this project's words.</summary>
internal static class ReadOption
{
    public static Option<T> Create<T>(string name, string valueName, string description, T initial, ValueReader<T> reader) =>
        new(name)
        {
            HelpName = valueName,
            Description = description,
            DefaultValueFactory = _ => initial,
            CustomParser = result => Read(result, initial, reader),
        };

    private static T Read<T>(ArgumentResult result, T initial, ValueReader<T> reader)
    {
        string text = result.Tokens[^1].Value;
        if (reader(text, out T value, out string error))
        {
            return value;
        }

        result.AddError(error);
        return initial;
    }
}
