using System.CommandLine;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary><c>splitvmm config</c>: the definitions of machines (docs/machines.md).</summary>
internal sealed class ConfigCommand
{
    private readonly Argument<string[]> _files = WordArgument.Any(
        "FILE|NAME", "a file, or the name of a definition; may be left out to check all of them").Offering(DefinitionFolder.Names);

    private readonly Argument<string> _name = WordArgument.One("NAME", "name of the machine").Offering(DefinitionFolder.Names);

    private readonly Argument<string?> _source = WordArgument.OneOrNone(
        "FILE", "the text; may be left out to read it from standard input");

    private readonly Option<bool> _json = new("--json") { Description = "print JSON" };
    private readonly Option<bool> _replace = new("--replace") { Description = "also if there is a definition of that name" };

    public ConfigCommand()
    {
        var check = new Command("check", "Look for mistakes in definitions; exit status 0: none") { _files, _json };
        check.SetAction(result => Check(result.GetValue(_files) ?? [], result.GetValue(_json)));
        var list = new Command("list", "List the definitions") { _json };
        list.SetAction(result => List(result.GetValue(_json)));
        var put = new Command("put", "Store a definition, if it is right") { _name, _source, _replace, _json };
        put.SetAction(result => Put(
            result.GetValue(_name)!, result.GetValue(_source), result.GetValue(_replace), result.GetValue(_json)));
        Command = new Command("config", "Check, list and store definitions of machines") { check, list, put };
    }

    public Command Command { get; }

    private static int Check(string[] words, bool json)
    {
        // A word with a slash or an ending is a file's; another is a name's.
        string[] files = words.Length == 0
            ? [.. DefinitionFolder.Names().Select(DefinitionFolder.PathOf)]
            : [.. words.Select(word => word.Contains('/', StringComparison.Ordinal) || File.Exists(word) ? word : DefinitionFolder.PathOf(word))];
        var results = new List<(string File, IReadOnlyList<Mistake> Mistakes)>();
        foreach (string file in files)
        {
            _ = DefinitionFolder.Read(file, out IReadOnlyList<Mistake> mistakes);
            results.Add((file, mistakes));
        }

        if (json)
        {
            OutputFile.StandardOutput.WriteLine(DefinitionText.Json(results));
        }
        else
        {
            foreach ((string file, IReadOnlyList<Mistake> mistakes) in results)
            {
                string[] lines = mistakes.Count == 0 ? [$"{file}: no mistakes"] : [.. mistakes.Select(mistake => mistake.In(file))];
                Array.ForEach(lines, line => OutputFile.StandardOutput.WriteLine(OneLine.Clean(line)));
            }

            if (files.Length == 0)
            {
                OutputFile.StandardOutput.WriteLine($"no definitions in {DefinitionFolder.Root}");
            }
        }

        return results.TrueForAll(result => result.Mistakes.Count == 0) ? ExitStatus.AsAsked : ExitStatus.Failed;
    }

    private static int List(bool json)
    {
        string[] names = DefinitionFolder.Names();
        if (json)
        {
            OutputFile.StandardOutput.WriteLine(DefinitionText.Json(names));
        }
        else
        {
            string[] lines = names.Length == 0 ? [$"no definitions in {DefinitionFolder.Root}"] : names;
            Array.ForEach(lines, OutputFile.StandardOutput.WriteLine);
        }

        return ExitStatus.AsAsked;
    }

    private static int Put(string name, string? source, bool replace, bool json)
    {
        var answer = new CommandAnswer(json);
        if (!MachineName.TryParse(name, out _, out string error))
        {
            return answer.Fail(error);
        }

        try
        {
            using Stream stream = source is null ? Console.OpenStandardInput() : File.OpenRead(source);
            string text = DefinitionFolder.Decode(stream, out string? wrong);
            string shown = source ?? "standard input";
            if (wrong is not null)
            {
                return answer.Fail($"{shown} {wrong}");
            }

            error = DefinitionFolder.Put(name, text, replace, shown);
            return error.Length == 0 ? answer.Done($"stored {DefinitionFolder.PathOf(name)}") : answer.Fail(error);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return answer.Fail(failure.Message);
        }
    }
}
