using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

/// <summary>The published <c>splitvmm doctor --json</c>, with its processes, on the machine that the tests run on.</summary>
internal sealed class DoctorRun
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, JsonElement> _findings = [];

    private DoctorRun(RunResult result)
    {
        Result = result;
        Root = JsonDocument.Parse(result.StandardOutput).RootElement;
        foreach (JsonElement section in Root.GetProperty("sections").EnumerateArray())
        {
            foreach (JsonElement finding in section.GetProperty("findings").EnumerateArray())
            {
                _findings.Add(finding.GetProperty("id").GetString()!, finding);
            }
        }
    }

    public RunResult Result { get; }

    public JsonElement Root { get; }

    /// <param name="before">A program and its first arguments, which runs the rest of the command line.</param>
    public static DoctorRun Of(IReadOnlyList<string> before, params string[] arguments) =>
        new(Run(before, [SourceTree.Executable("splitvmm"), "doctor", "--json", .. arguments]));

    public static RunResult Run(IReadOnlyList<string> before, string[] command)
    {
        string[] all = [.. before, .. command];
        return ChildProgram.Run(all[0], all[1..], s_limit);
    }

    public bool Has(string id) => _findings.ContainsKey(id);

    public void Shows(string id, string state, string text)
    {
        JsonElement finding = _findings[id];
        Assert.Equal((id, state), (id, finding.GetProperty("state").GetString()));
        Assert.Contains(text, finding.GetProperty("text").GetString(), StringComparison.Ordinal);
    }
}
