using System.CommandLine;
using SplitVmm.DesktopService.Tests.Runs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Documents;

/// <summary>packaging/completion in real shells: it offers the commands, options and machines that there are.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class CompletionTests : IDisposable
{
    private const string Bash = """
        PATH="$1:$PATH"; source "$2"
        COMP_LINE=$3; COMP_POINT=${#3}; read -ra COMP_WORDS <<<"$3"
        case "$3" in *' ') COMP_WORDS+=("") ;; esac
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _splitvmm; printf '%s\n' "${COMPREPLY[@]}"
        """;

    // What zsh's line editor tells a function of completion, and what it does with what the function adds.
    private const string Zsh = """
        PATH="$1:$PATH"; words=(${=3}); [[ $3 == *' ' ]] && words+=("")
        CURRENT=$#words; PREFIX=$words[-1]
        compadd() { print -l -- ${(M)${(P)2}:#$PREFIX*} }
        _files() { }
        functions[_splitvmm]=$(<$2); _splitvmm
        """;

    private readonly StandInSession _session = new();

    public static TheoryData<string> Shells => ["bash", "zsh"];

    [Theory]
    [MemberData(nameof(Shells))]
    public void Shell_OffersEveryCommandAndOption(string shell)
    {
        RootCommand root = Application.CreateCommands();
        Assert.Equal(root.Subcommands.Select(command => command.Name).Order(), Complete(shell, "splitvmm ").Where(word => !word.StartsWith('-')).Order());
        foreach (Command command in root.Subcommands.Where(command => command.Subcommands.Count == 0))
        {
            string[] options = [.. command.Options.Select(option => option.Name)];
            Assert.Superset(options.ToHashSet(), Complete(shell, $"splitvmm {command.Name} --").ToHashSet());
        }
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void Shell_OffersMachines(string shell)
    {
        _session.Define("desk");
        _session.Define("desert");
        _session.Define("other");
        Assert.Equal(["desert", "desk"], Complete(shell, "splitvmm start des").Order());
        Assert.Equal(["desert", "desk"], Complete(shell, "splitvmm run des").Order());
        Assert.Empty(Complete(shell, "splitvmm stop des"));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void Shell_OffersValuesOfChoices(string shell) => Assert.Equal(["Off", "On"], Complete(shell, "splitvmm run --sandbox O").Order());

    public void Dispose() => _session.Dispose();

    private string[] Complete(string shell, string line)
    {
        string folder = Path.GetDirectoryName(StandInPrograms.SplitVmm)!;
        RunResult result = ChildProgram.Run(
            Needs.Program(shell, shell),
            ["-c", shell == "zsh" ? Zsh : Bash, shell, folder, SourceTree.Path("packaging", "completion", "splitvmm." + shell), line],
            StandInRun.Limit,
            _session.Variables);
        Assert.Equal("", result.StandardError);
        return result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
