using SplitVmm.Diagnosis;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Ipc.Tests.Diagnosis;

/// <summary>The GPU that a user means, by path or by its address on PCI.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DrmNodeNameTests : IDisposable
{
    private readonly string _sysfs = Directory.CreateTempSubdirectory("splitvmm-sysfs-").FullName;

    public DrmNodeNameTests()
    {
        Add("renderD128", "0000:00:02.0");
        Add("renderD129", "0000:c3:00.1");
        Directory.CreateDirectory(Path.Combine(_sysfs, "class", "drm", "card0"));
    }

    [Theory]
    [InlineData("/dev/dri/renderD200", "/dev/dri/renderD200")]
    [InlineData("0000:c3:00.1", "/dev/dri/renderD129")]
    [InlineData("c3:00.1", "/dev/dri/renderD129")]
    [InlineData("C3:00.1", "/dev/dri/renderD129")]
    [InlineData("00:02.0", "/dev/dri/renderD128")]
    public void Find_RightName_IsThePath(string name, string path)
    {
        Assert.True(DrmNodeName.IsRight(name));
        Assert.Equal(path, DrmNodeName.Find(name, out _, _sysfs));
    }

    [Fact]
    public void Find_NoGpuAtTheAddress_SaysWhichThereAre()
    {
        Assert.Null(DrmNodeName.Find("03:00.0", out string why, _sysfs));
        Assert.Equal("has no render node: renderD128 is at 0000:00:02.0, renderD129 is at 0000:c3:00.1", why);
        Assert.Null(DrmNodeName.Find("03:00.0", out why, Path.Combine(_sysfs, "nothing")));
        Assert.Equal("has no render node: this host has none", why);
    }

    [Theory]
    [InlineData("")]
    [InlineData("renderD128")]
    [InlineData("0000:03:00")]
    [InlineData("00000:03:00.0")]
    [InlineData("0000:03:00.00")]
    [InlineData("0000.03:00:0")]
    [InlineData("0000:0g:00.0")]
    [InlineData("+000:03:00.0")]
    [InlineData("1:0000:03:00.0")]
    public void IsRight_Neither_IsRefused(string name) => Assert.False(DrmNodeName.IsRight(name));

    public void Dispose() => Directory.Delete(_sysfs, recursive: true);

    private void Add(string node, string address)
    {
        string device = Directory.CreateDirectory(Path.Combine(_sysfs, "devices", address)).FullName;
        string folder = Directory.CreateDirectory(Path.Combine(_sysfs, "class", "drm", node)).FullName;
        _ = Directory.CreateSymbolicLink(Path.Combine(folder, "device"), device);
    }
}
