using SplitVmm.DesktopService.Doctor;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

/// <summary>A host and its processes under examination.</summary>
internal sealed class Patient
{
    public FakeHost Host { get; } = new();

    public FakeProbes Probes { get; } = new();

    public string? GpuRuntime { get; init; }

    public HostDiagnosis Examine() => Examination.Run(new Evidence(Host, Probes, GpuRuntime));

    public Finding Find(string id) => Examine()[id];

    /// <summary>Asserts how one thing stands, with words from the text and from the remedies.</summary>
    public void Shows(string id, string state, string text, string remedy = "")
    {
        Finding finding = Find(id);
        Assert.Equal(state, finding.State.Word());
        Assert.Contains(text, finding.Text, StringComparison.Ordinal);
        string remedies = string.Join(" | ", finding.Remedies);
        if (remedy.Length == 0)
        {
            Assert.Empty(remedies);
        }
        else
        {
            Assert.Contains(remedy, remedies, StringComparison.Ordinal);
        }
    }
}
