using System.CommandLine;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>What was wrong with a command line, in one line with the remedy.</summary>
internal static class UsageMessage
{
    public static string Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string word = parsed.UnmatchedTokens[0];
            bool isOption = word.StartsWith('-');
            string[] known = isOption
                ? [.. command.Options.Select(option => option.Name)]
                : [.. command.Subcommands.Select(subcommand => subcommand.Name)];
            string kind = isOption ? "option" : known.Length > 0 ? "command" : "argument";
            string remedy = known.Length > 0 ? $"; {Nearest.Suggest(word.Split('=')[0], known)}" : "";
            return $"unknown {kind} '{word}'{remedy}";
        }

        return parsed.Errors[0].Message.TrimEnd('.');
    }
}
