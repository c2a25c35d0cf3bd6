using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>The real gpu-process on a render node that will not do for DRM native contexts: the lab's is of vgem.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class NativeNodeTests(LabMachine lab)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData(",drm_node=/dev/dri/renderD128", "cannot use drm_node=/dev/dri/renderD128: has the driver vgem, which has no native context here (those with one: asahi, ")]
    [InlineData("", "needs a render node of asahi, msm, amdgpu, i915: /dev/dri/renderD128 has the driver vgem, which has no native context here")]
    public void Node_OfAnotherDriver_IsNamedWithIt(string option, string error) => Refuses(option, error);

    [Fact]
    public void Node_ThatTheUserMayNotOpen_IsAMatterOfTheGroup()
    {
        lab.Start();
        _ = LabMachine.RunAsRoot("chmod 600 /dev/dri/renderD128", s_limit);
        try
        {
            Refuses(
                ",drm_node=/dev/dri/renderD128",
                "cannot use drm_node=/dev/dri/renderD128: may not be opened by this user: add the user to the group render");
        }
        finally
        {
            _ = LabMachine.RunAsRoot("chmod 660 /dev/dri/renderD128", s_limit);
        }
    }

    private void Refuses(string option, string error)
    {
        lab.Start();
        RunResult run = LabMachine.Run($"cd; dist/gpu-process --vhost-user-listen gpu --gpu context-types=drm,blob=on,hostmem=256M{option}", s_limit);
        Assert.Equal(3, run.ExitStatus);
        Assert.Contains($"--gpu drm_native_context=on {error}", run.StandardError, StringComparison.Ordinal);
    }
}
