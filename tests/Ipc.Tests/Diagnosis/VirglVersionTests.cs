using SplitVmm.Diagnosis;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Ipc.Tests.Diagnosis;

[Trait("Tier", Tiers.Unit)]
public sealed class VirglVersionTests
{
    [Theory]
    [InlineData("virgl_renderer_init", "0.10", "0.10", false)]
    [InlineData("virgl_set_log_callback", "1.0", "1.0 or 1.1", true)]
    [InlineData("virgl_set_log_callback virgl_renderer_attach_fence", "1.2", "1.2", true)]
    [InlineData("virgl_set_log_callback virgl_renderer_attach_fence virgl_renderer_resource_map_fixed", "1.3", "1.3 or newer", true)]
    public void Recognise_ByExports_GivesTheSeries(string exports, string name, string range, bool usable)
    {
        VirglVersion version = VirglVersion.Recognise(export => exports.Split(' ').Contains(export));

        Assert.Equal((name, range, usable), (version.Name, version.Range(), version.Usable));
    }

    [Theory]
    [InlineData("libvirglrenderer.so.1.7.7", "0.10")]
    [InlineData("libvirglrenderer.so.1.9.0", "1.1")]
    [InlineData("libvirglrenderer.so.1.11.0", "1.3")]
    [InlineData("libvirglrenderer.so.1.99.0", null)]
    [InlineData("libvirglrenderer.so.1", null)]
    [InlineData("libEGL.so.1.9.0", null)]
    public void OfFile_ByItsName_GivesTheSeries(string file, string? name) => Assert.Equal(name, VirglVersion.OfFile(file)?.Name);

    [Theory]
    [InlineData("1.1", "1.0", true)]
    [InlineData("1.1", "1.1", true)]
    [InlineData("1.1", "1.2", false)]
    [InlineData("0.10", "1.0", false)]
    public void IsAtLeast_ComparesByRelease(string name, string other, bool expected) =>
        Assert.Equal(expected, VirglVersion.All.Single(version => version.Name == name).IsAtLeast(other));

    [Fact]
    public void ContextTypes_NameOnlyVersionsThatTheTableKnows() => Assert.All(
        GuestContexts.All.Select(type => type.Virglrenderer).OfType<string>(),
        name => Assert.Contains(name, VirglVersion.All.Select(version => version.Name)));
}
