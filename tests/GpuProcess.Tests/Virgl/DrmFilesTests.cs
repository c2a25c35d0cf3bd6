using SplitVmm.GpuProcess.Virgl;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Virgl;

/// <summary>The files that virglrenderer takes for its own native contexts, here of an ordinary file instead of a render node.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DrmFilesTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly List<string> _log = [];

    [Fact]
    public void Take_WhenNothingCanBeOpenedAnyMore_GivesTheSparesAndThenSaysWhatToDo()
    {
        using var files = DrmFiles.Open(_path, _log.Add);
        File.Delete(_path);
        int taken = 0;
        for (int number = files.Take(); number >= 0; number = files.Take())
        {
            new Descriptor(number).Dispose();
            taken++;
        }

        Assert.Equal(256, taken);
        Assert.Contains("splitvmm restart-gpu", Assert.Single(_log), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoSuchNode_IsAnError()
    {
        VirglException error = Assert.Throws<VirglException>(() => DrmFiles.Open("/dev/dri/renderD191", _log.Add));
        Assert.Contains("drm_node=", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_path);
}
