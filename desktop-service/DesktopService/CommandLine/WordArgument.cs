using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>Arguments that are words: a mistyped option is not taken for one.</summary>
internal static class WordArgument
{
    public static Argument<string> One(string name, string description) => Strict(new Argument<string>(name) { Description = description });

    public static Argument<string?> OneOrNone(string name, string description) =>
        Strict(new Argument<string?>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne });

    public static Argument<string[]> Any(string name, string description) =>
        Strict(new Argument<string[]>(name) { Description = description, Arity = ArgumentArity.ZeroOrMore });

    /// <summary>Has the shell's completion offer what there is.</summary>
    public static T Offering<T>(this T argument, Func<IEnumerable<string>> words)
        where T : Argument
    {
        argument.CompletionSources.Add(_ => words().Select(word => new CompletionItem(word)));
        return argument;
    }

    private static T Strict<T>(T argument)
        where T : Argument
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith('-')) is { } option && result.Parent is CommandResult command)
            {
                result.AddError(UsageMessage.UnknownOption(option.Value, command.Command));
            }
        });
        return argument;
    }
}
