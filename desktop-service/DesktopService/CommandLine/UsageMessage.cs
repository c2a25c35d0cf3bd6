using System.CommandLine;
using System.CommandLine.Parsing;
using SplitVmm.Platform.Text;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>What was wrong with a command line, in one line with the remedy.</summary>
internal static class UsageMessage
{
    public static string Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        IEnumerable<string> words = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value);
        if (words.Concat(parsed.UnmatchedTokens).FirstOrDefault(word => word.StartsWith('-')) is { } option)
        {
            return UnknownOption(option, command);
        }

        if (parsed.UnmatchedTokens.Count > 0)
        {
            string word = parsed.UnmatchedTokens[0];

            string[] known = [.. command.Subcommands.Select(subcommand => subcommand.Name)];
            return known.Length > 0 ? $"unknown command '{word}'; {Nearest.Suggest(word, known)}" : $"unknown argument '{word}'";
        }

        return parsed.Errors[0].Message.TrimEnd('.');
    }

    public static string UnknownOption(string word, Command command)
    {
        string[] known = [.. command.Options.Select(option => option.Name)];
        return known.Length > 0 ? $"unknown option '{word}'; {Nearest.Suggest(word.Split('=')[0], known)}" : $"unknown option '{word}'";
    }

    /// <summary>What the user types for the help of the command that was meant.</summary>
    public static string HelpOf(ParseResult parsed)
    {
        var words = new Stack<string>();
        for (CommandResult? at = parsed.CommandResult; at is not null; at = at.Parent as CommandResult)
        {
            words.Push(at.Command is RootCommand ? "splitvmm" : at.Command.Name);
        }

        return string.Join(' ', words) + " --help";
    }
}
