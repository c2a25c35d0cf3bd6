using System.CommandLine;

namespace SplitVmm.Hosting;

/// <summary>Reads the command line of a process.</summary>
public static class ProcessArguments
{
    /// <summary>Parses, or answers the user.</summary>
    /// <param name="process">The process's name.</param>
    /// <param name="linePrefix">Stands before the line that explains wrong usage.</param>
    /// <param name="root">The options there are.</param>
    /// <param name="arguments">As given to the program.</param>
    /// <param name="read">Makes of what was given what the process works with.</param>
    /// <param name="exitStatus">If null is returned: of help, or of wrong usage, which was explained on standard error.</param>
    public static T? Parse<T>(
        string process, string linePrefix, RootCommand root, string[] arguments, Func<ParseResult, T> read, out int exitStatus)
        where T : class
    {
        T? options = null;
        root.SetAction(result => options = read(result));
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            // The parser's own suggestions come on lines of their own.
            string error = parsed.Errors[0].Message.ReplaceLineEndings(" ").Trim();
            Console.Error.WriteLine($"{linePrefix}{error} ({process} --help lists the options)");
            exitStatus = ExitStatus.WrongUsage;
            return null;
        }

        exitStatus = parsed.Invoke();
        return options;
    }
}
