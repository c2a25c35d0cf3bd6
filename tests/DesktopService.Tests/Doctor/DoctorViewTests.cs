using System.Text.Json;
using SplitVmm.DesktopService.Doctor;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

[Trait("Tier", Tiers.Unit)]
public sealed class DoctorViewTests
{
    private static readonly HostDiagnosis s_diagnosis = new(
        null,
        true,
        "a machine with a picture can run",
        ["--display", "headless"],
        [
            new Section("one", "One", [Finding.Works("a", "first", "fine"), Finding.Missing("b", "second one", "gone\e[31m", "install it", "or not")]),
            new Section("two", "Two", [new Finding("c", "third", FindingState.NotYet, "a long text that has to be broken into several lines")]),
        ]);

    [Fact]
    public void Text_HasColumns_AndKeepsToTheWidth()
    {
        string text = new DoctorText(50, colour: false).Write(s_diagnosis);

        Assert.Equal(
            """
            One
              works    first       fine
              missing  second one  gone [31m
                                   -> install it
                                   -> or not

            Two
              not yet  third       a long text that has to be
                                   broken into several lines

            a machine with a picture can run

            """,
            text);
    }

    [Fact]
    public void Text_OnATerminal_IsTheSameWithColours()
    {
        string colourful = new DoctorText(50, colour: true).Write(s_diagnosis);

        Assert.Contains("\e[31mmissing\e[0m  second one", colourful, StringComparison.Ordinal);
        Assert.Contains("\e[32mworks  \e[0m", colourful, StringComparison.Ordinal);
        Assert.Equal(
            new DoctorText(50, colour: false).Write(s_diagnosis),
            System.Text.RegularExpressions.Regex.Replace(colourful, "\e\\[[0-9]+m", ""));
    }

    [Fact]
    public void Json_HasTheDocumentedSchema()
    {
        using var document = JsonDocument.Parse(DoctorJson.Write(s_diagnosis));
        JsonElement root = document.RootElement;

        Assert.Equal(["schema", "canRun", "result", "options", "gpuRuntime", "sections"], root.EnumerateObject().Select(item => item.Name));
        Assert.Equal(1, root.GetProperty("schema").GetInt32());
        JsonElement section = root.GetProperty("sections")[0];
        Assert.Equal(["id", "title", "findings"], section.EnumerateObject().Select(item => item.Name));
        JsonElement finding = section.GetProperty("findings")[1];
        Assert.Equal(["id", "title", "state", "text", "remedies"], finding.EnumerateObject().Select(item => item.Name));
        Assert.Equal("missing", finding.GetProperty("state").GetString());
        Assert.Equal("or not", finding.GetProperty("remedies")[1].GetString());
        Assert.Equal("not yet", root.GetProperty("sections")[1].GetProperty("findings")[0].GetProperty("state").GetString());
    }

    [Fact]
    public void Findings_OfAnExamination_HaveUniqueNames()
    {
        string[] ids = [.. new Patient().Examine().Sections.SelectMany(section => section.Findings).Select(finding => finding.Id)];

        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Json_AndText_SayTheSame()
    {
        HostDiagnosis diagnosis = new Patient().Examine();
        string text = new DoctorText(10_000, colour: false).Write(diagnosis);
        using var document = JsonDocument.Parse(DoctorJson.Write(diagnosis));

        foreach (JsonElement finding in document.RootElement.GetProperty("sections").EnumerateArray().SelectMany(section => section.GetProperty("findings").EnumerateArray()))
        {
            Assert.Contains(finding.GetProperty("text").GetString()!, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a thing is missing: install it", "a thing is missing", "install it")]
    [InlineData("it fails (why: because; so): it is off; set x=1: now", "it fails (why: because; so): it is off", "set x=1: now")]
    [InlineData("no remedy here", "no remedy here", null)]
    public void Advice_OfALine_IsTakenApart(string line, string text, string? remedy) => Assert.Equal((text, remedy), Advice.Split(line));

    [Fact]
    public void Result_OnAGoodDesktop_NeedsNoOption()
    {
        HostDiagnosis diagnosis = new Patient().Examine();

        Assert.True(diagnosis.CanRun);
        Assert.Empty(diagnosis.Options);
        Assert.Equal("a machine with a picture can run", diagnosis.Result);
    }
}
