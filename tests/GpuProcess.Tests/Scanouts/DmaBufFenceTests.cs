using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;
using Xunit;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Scanouts;

/// <summary>Frames in dma-bufs of the kernel's that are still written to: the display takes them when that is over.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DmaBufFenceTests : IDisposable
{
    private const uint Width = 64;
    private const uint Height = 48;

    private readonly Vgem _vgem = Vgem.Open();
    private readonly InProcessGpu _gpu;
    private readonly GpuGuest _guest;
    private readonly TestDisplay _display;
    private readonly uint _buffer;

    public DmaBufFenceTests()
    {
        (_buffer, Descriptor dmaBuf) = _vgem.Create(Width, Height);
        _gpu = new InProcessGpu(renderer: new ExportingRenderer { Memory = dmaBuf });
        _guest = _gpu.Connect();
        _guest.Start();
        _display = _gpu.ConnectDisplay(ours => new TestDisplay(
            ours, DisplayTransports.MemFd | DisplayTransports.DmaBuf,
            [new PictureFormat(DrmFourcc.DRM_FORMAT_XRGB8888, DrmModifiers.DRM_FORMAT_MOD_LINEAR)], hasDmaBufs: true));
        Assert.True(_display.RunUntil(() => _display.IsReady));
        _guest.Create2d(1, Width, Height);
    }

    [Fact]
    public void Frame_WhileItsBufferIsWrittenTo_ComesWhenItsFenceSignals()
    {
        uint fence = _vgem.BeginWriting(_buffer);
        Show();
        Assert.False(_display.RunUntil(() => _display.Frames > 0, milliseconds: 300));
        Assert.Equal(1, _gpu.Device.Statistics.DmaBufFrames);
        _vgem.Signal(fence);

        Assert.True(_display.RunUntil(() => _display.Frames == 1));
        Assert.Equal(["64x48", "buffer 0+0", "frame 0"], _display.DmaBufs);
    }

    [Fact]
    public void Frame_WhoseFenceDoesNotSignal_ComesAllTheSame()
    {
        uint fence = _vgem.BeginWriting(_buffer);
        Show();

        // vgem itself would signal it after ten.
        Assert.True(_display.RunUntil(() => _display.Frames == 1, milliseconds: 8_000));
        _vgem.Signal(fence);
    }

    public void Dispose()
    {
        _display.Dispose();
        _guest.Dispose();
        _gpu.Dispose();
        _vgem.Dispose();
    }

    private void Show()
    {
        var all = new VirtioGpuRect(0, 0, Width, Height);
        _guest.Do(SetScanoutRequest(0, 1, all));
        _guest.Do(FlushRequest(1, all));
    }
}
