using SplitVmm.GpuProcess.Options;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Options;

[Trait("Tier", Tiers.Unit)]
public sealed class GpuOptionsParserTests
{
    [Fact]
    public void Parse_EveryKey_IsTaken()
    {
        GpuOptions? options = GpuOptionsParser.Parse(
            "virgl=off,edid=off,max_outputs=16,xres=1920,yres=1080,max_hostmem=1G,max_replay=512K,drm_node=/dev/dri/renderD129,poll_us=50", out string? error);

        Assert.Null(error);
        Assert.Equal(
            new GpuOptions
            {
                Virgl = false,
                Edid = false,
                MaxOutputs = 16,
                Xres = 1920,
                Yres = 1080,
                MaxHostmem = 1UL << 30,
                MaxReplay = 512 << 10,
                DrmNode = "/dev/dri/renderD129",
                PollMicroseconds = 50,
            },
            options);
    }

    [Fact]
    public void Parse_Nothing_GivesTheDefaultsOfQemu()
    {
        GpuOptions options = GpuOptionsParser.Parse("", out _)!;

        Assert.Equal((true, 1, 1280u, 800u, 256UL << 20), (options.Virgl, options.MaxOutputs, options.Xres, options.Yres, options.MaxHostmem));
    }

    [Theory]
    [InlineData("max_output=2", "did you mean max_outputs?")]
    [InlineData("virg=on", "did you mean virgl?")]
    [InlineData("x_res=100", "did you mean xres?")]
    [InlineData("max_outputs=0", "max_outputs is 1 to 16")]
    [InlineData("max_outputs=17", "max_outputs is 1 to 16")]
    [InlineData("max_outputs=-1", "max_outputs is 1 to 16")]
    [InlineData("virgl=maybe", "virgl is on or off")]
    [InlineData("virgl", "a value is missing")]
    [InlineData("virgl=on,virgl=off", "given twice")]
    [InlineData("max_replay=1K", "max_replay is a size")]
    [InlineData("max_hostmem=1", "max_hostmem is a size")]
    [InlineData("max_hostmem=99999999999999999999G", "max_hostmem is a size")]
    [InlineData("max_hostmem=M", "max_hostmem is a size")]
    [InlineData("drm_node=renderD128", "drm_node is a path")]
    [InlineData("xres=16385", "xres is pixels")]
    [InlineData("=5", "no such key")]
    public void Parse_Wrong_SaysWhatBelongs(string text, string expected)
    {
        Assert.Null(GpuOptionsParser.Parse(text, out string? error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error!);
    }
}
