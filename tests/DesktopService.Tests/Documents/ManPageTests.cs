using System.CommandLine;
using System.Text.RegularExpressions;
using SplitVmm.DesktopService.Tests.Runs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Documents;

/// <summary>packaging/man/splitvmm.1 has every command and option of the program, no other, and is right for man(1).</summary>
[Trait("Tier", Tiers.Unit)]
public sealed partial class ManPageTests
{
    private static readonly string s_path = SourceTree.Path("packaging", "man", "splitvmm.1");

    [Fact]
    public void Page_HasWhatTheProgramHas()
    {
        RootCommand root = Application.CreateCommands();
        string page = File.ReadAllText(s_path).Replace(@"\-", "-", StringComparison.Ordinal);
        Assert.All(CommandsOf(root, ""), command => Assert.Contains($"\\fB{command}\\fR", page, StringComparison.Ordinal));
        string[] options = [.. OptionsOf(root).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(options, LongOption().Matches(page).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("0", "list")]
    [InlineData("1", "status", "nonesuch")]
    [InlineData("2", "list", "--nonesuch")]
    public void ExitStatuses_AreThoseOfThePage(string status, params string[] arguments)
    {
        Assert.Contains($"\n.TP\n.B {status}\n", File.ReadAllText(s_path), StringComparison.Ordinal);
        using var session = new StandInSession();
        Assert.Equal(status, $"{session.Ask(arguments).ExitStatus}");
    }

    [Fact]
    public void Page_HasNoWarnings()
    {
        RunResult result = ChildProgram.Run(
            Needs.Program("man", "man-db"), ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", s_path], TimeSpan.FromMinutes(1), new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8", ["MANROFFSEQ"] = "" });
        Assert.Equal((0, ""), (result.ExitStatus, result.StandardError));
    }

    // Innermost commands only: "config" alone does nothing.
    private static IEnumerable<string> CommandsOf(Command command, string before) => command.Subcommands.Count == 0
        ? [before.Trim()]
        : command.Subcommands.SelectMany(inner => CommandsOf(inner, $"{before} {inner.Name}"));

    private static IEnumerable<string> OptionsOf(Command command) =>
        command.Options.Select(option => option.Name).Concat(command.Subcommands.SelectMany(OptionsOf));

    [GeneratedRegex("--[a-z][a-z-]*")]
    private static partial Regex LongOption();
}
