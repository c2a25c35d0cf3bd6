using System.CommandLine;
using SplitVmm.DesktopService.Tests.Runs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Documents;

/// <summary>packaging/completion/splitvmm.bash in a real bash: it offers the commands, options and machines that there are.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class CompletionTests : IDisposable
{
    private readonly StandInSession _session = new();

    [Fact]
    public void Bash_OffersEveryCommandAndOption()
    {
        RootCommand root = Application.CreateCommands();
        Assert.Equal(root.Subcommands.Select(command => command.Name).Order(), Complete("splitvmm ").Where(word => !word.StartsWith('-')).Order());
        foreach (Command command in root.Subcommands.Where(command => command.Subcommands.Count == 0))
        {
            string[] options = [.. command.Options.Select(option => option.Name)];
            Assert.Superset(options.ToHashSet(), Complete($"splitvmm {command.Name} --").ToHashSet());
        }
    }

    [Fact]
    public void Bash_OffersMachines()
    {
        _session.Define("desk");
        _session.Define("desert");
        _session.Define("other");
        Assert.Equal(["desert", "desk"], Complete("splitvmm start des").Order());
        Assert.Equal(["desert", "desk"], Complete("splitvmm run des").Order());
        Assert.Empty(Complete("splitvmm stop des"));
    }

    [Fact]
    public void Bash_OffersValuesOfChoices() => Assert.Equal(["Off", "On"], Complete("splitvmm run --sandbox O").Order());

    public void Dispose() => _session.Dispose();

    private string[] Complete(string line)
    {
        string folder = Path.GetDirectoryName(StandInPrograms.SplitVmm)!;
        const string Script = """
            PATH="$1:$PATH"; source "$2"
            COMP_LINE=$3; COMP_POINT=${#3}; read -ra COMP_WORDS <<<"$3"
            case "$3" in *' ') COMP_WORDS+=("") ;; esac
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _splitvmm; printf '%s\n' "${COMPREPLY[@]}"
            """;
        RunResult result = ChildProgram.Run(
            "/bin/bash", ["-c", Script, "bash", folder, SourceTree.Path("packaging", "completion", "splitvmm.bash"), line], StandInRun.Limit, _session.Variables);
        Assert.Equal("", result.StandardError);
        return result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
