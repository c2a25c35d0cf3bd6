using SplitVmm.GpuProcess.Options;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Options;

/// <summary>Which values of --gpu go together, and what they come to.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class GpuOptionsRulesTests
{
    private const ContextTypes OpenGl = ContextTypes.Virgl | ContextTypes.Virgl2;

    [Theory]
    [InlineData("", OpenGl, false, 0)]
    [InlineData("virgl=off", ContextTypes.None, false, 0)]
    [InlineData("blob=on", OpenGl, true, 0)]
    [InlineData("virgl=off,blob=on", ContextTypes.None, true, 0)]
    [InlineData("virgl=off,blob=on,hostmem=1M", ContextTypes.None, true, 1)]
    [InlineData("blob=on,hostmem=4G", OpenGl, true, 4096)]
    [InlineData("hostmem=128G,blob=on", OpenGl, true, 131072)]
    [InlineData("blob=off", OpenGl, false, 0)]
    [InlineData("context-types=virgl2", ContextTypes.Virgl2, false, 0)]
    [InlineData("context-types=virgl:virgl2", OpenGl, false, 0)]
    [InlineData("context-types=virgl2,virgl=on", ContextTypes.Virgl2, false, 0)]
    [InlineData("context-types=virgl2,venus=off,drm_native_context=off", ContextTypes.Virgl2, false, 0)]
    [InlineData("venus=on,blob=on,hostmem=256M", OpenGl | ContextTypes.Venus, true, 256)]
    [InlineData("virgl=off,venus=on,blob=on,hostmem=256M", ContextTypes.Venus, true, 256)]
    [InlineData("context-types=venus,blob=on,hostmem=256M", ContextTypes.Venus, true, 256)]
    [InlineData("context-types=venus,virgl=off,venus=on,blob=on,hostmem=256M", ContextTypes.Venus, true, 256)]
    [InlineData("hostmem=4G,blob=on,drm_native_context=on", OpenGl | ContextTypes.Drm, true, 4096)]
    [InlineData("context-types=virgl2:venus:drm,hostmem=4G,blob=on", ContextTypes.Virgl2 | ContextTypes.Venus | ContextTypes.Drm, true, 4096)]
    [InlineData("context-types=drm,hostmem=4G,blob=on,virgl=off", ContextTypes.Drm, true, 4096)]
    public void Parse_ThatGoTogether_ComeTo(string text, ContextTypes offered, bool blob, int mebibytes)
    {
        GpuOptions? options = GpuOptionsParser.Parse(text, out string? error);

        Assert.Null(error);
        Assert.Equal((offered, blob, (ulong)mebibytes << 20), (options!.Offered, options.Blob, options.Hostmem));
    }

    [Theory]
    [InlineData("hostmem=256M", "add blob=on")]
    [InlineData("hostmem=256M,blob=off", "add blob=on")]
    [InlineData("blob=on,hostmem=3G", "hostmem is a power of two")]
    [InlineData("blob=on,hostmem=512K", "hostmem is a power of two")]
    [InlineData("blob=on,hostmem=256G", "hostmem is a power of two")]
    [InlineData("blob=on,hostmem=0", "hostmem is a power of two")]
    [InlineData("venus=on", "venus=on maps memory of the host into the guest: add blob=on,hostmem=SIZE")]
    [InlineData("venus=on,blob=on", "add blob=on,hostmem=SIZE")]
    [InlineData("drm_native_context=on", "drm_native_context=on maps memory of the host")]
    [InlineData("drm_native_context=on,blob=on", "add blob=on,hostmem=SIZE")]
    [InlineData("context-types=drm", "drm_native_context=on maps memory of the host")]
    [InlineData("context-types=virgl2:venus", "venus=on maps memory of the host")]
    [InlineData("context-types=virgl2,virgl=off", "virgl=off and context-types=virgl2 contradict")]
    [InlineData("virgl=on,context-types=venus,blob=on,hostmem=1G", "virgl=on and context-types=venus contradict")]
    [InlineData("context-types=virgl2,venus=on,blob=on,hostmem=1G", "venus=on and context-types=virgl2 contradict")]
    [InlineData("context-types=venus,venus=off,blob=on,hostmem=1G", "venus=off and context-types=venus contradict")]
    [InlineData("context-types=virgl2,drm_native_context=on,blob=on,hostmem=1G", "drm_native_context=on and context-types=virgl2 contradict")]
    [InlineData("context-types=virgl2:drm,drm_native_context=off,blob=on,hostmem=1G", "drm_native_context=off and context-types=virgl2:drm contradict")]
    [InlineData("context-types=vulkan", "context-types is names with colons between")]
    [InlineData("context-types=virgl2:", "context-types is names")]
    [InlineData("context-types=", "context-types is names")]
    [InlineData("context-types=virgl2:virgl2", "context-types is names")]
    [InlineData("context_types=virgl2", "did you mean context-types?")]
    [InlineData("blobs=on", "did you mean blob?")]
    [InlineData("host_mem=1G", "did you mean hostmem?")]
    [InlineData("native=builtin", "add drm_native_context=on, or leave it away")]
    [InlineData("native=virglrenderer,virgl=off", "add drm_native_context=on, or leave it away")]
    [InlineData("native=mesa,context-types=drm,blob=on,hostmem=1G", "native is builtin or virglrenderer")]
    [InlineData("max_gpumem=1K", "max_gpumem is a size from 1M to 1024G")]
    [InlineData("drm_native_contexts=on", "did you mean drm_native_context?")]
    public void Parse_ThatDoNot_SaysWhy(string text, string expected)
    {
        Assert.Null(GpuOptionsParser.Parse(text, out string? error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error!);
    }

    [Theory]
    [InlineData("context-types=drm,blob=on,hostmem=1G", NativeProvider.Builtin)]
    [InlineData("context-types=drm,blob=on,hostmem=1G,native=builtin", NativeProvider.Builtin)]
    [InlineData("drm_native_context=on,blob=on,hostmem=1G,native=virglrenderer", NativeProvider.Virglrenderer)]
    public void Parse_Native_SaysWhose(string text, NativeProvider provider) =>
        Assert.Equal(provider, GpuOptionsParser.Parse(text, out _)!.Native);
}
