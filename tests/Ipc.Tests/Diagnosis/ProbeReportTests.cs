using SplitVmm.Diagnosis;
using SplitVmm.Harness;
using SplitVmm.Sandbox;
using Xunit;

namespace SplitVmm.Ipc.Tests.Diagnosis;

[Trait("Tier", Tiers.Unit)]
public sealed class ProbeReportTests
{
    [Fact]
    public void Parse_WhatWasWritten_GivesTheSame()
    {
        ProbeReport written = new ProbeReport().Add("name", "a=b\nc").Add("name", "second").Add("yes", true).Add("no", false).Add("number", 42)
            .Add(new SandboxState(86, 7, true, ["one", "two"]));

        ProbeReport read = ProbeReport.Parse(written.ToString());

        Assert.Equal(["a=b c", "second"], read.All("name"));
        Assert.Equal((true, false, null), (read.Flag("yes"), read.Flag("no"), read.Flag("number")));
        Assert.Equal("42", read["number"]);
        Assert.Null(read["other"]);
        Assert.Equal(("86", "7", "yes"), (read[ProbeFact.SystemCalls], read[ProbeFact.Landlock], read[ProbeFact.NoNewCode]));
        Assert.Equal(["one", "two"], read.All(ProbeFact.SandboxMissing));
    }

    [Fact]
    public void Parse_LinesOfOthers_AreLeftOut()
    {
        var report = ProbeReport.Parse("libEGL warning: nothing\n=value\nname=value\n\n");

        Assert.Equal("name=value\n", report.ToString());
    }

    [Theory]
    [InlineData("6.12.41+deb13-amd64", "6.12")]
    [InlineData("6.18", "6.18")]
    [InlineData("7.0-rc1", "7.0")]
    [InlineData("six", null)]
    [InlineData("", null)]
    public void KernelVersion_OfARelease_IsItsFirstTwoNumbers(string release, string? expected) =>
        Assert.Equal(expected, KernelVersion.TryParse(release, out KernelVersion version) ? version.ToString() : null);

    [Fact]
    public void KernelVersion_Compares_AsNumbers() =>
        Assert.True(new KernelVersion(6, 4) < new KernelVersion(6, 13) && new KernelVersion(7, 0) > new KernelVersion(6, 13));
}
