using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Outputs;

[Trait("Tier", Tiers.Unit)]
public sealed class OutputTests : IDisposable
{
    private readonly InProcessGpu _gpu = new(new GpuOptions { MaxOutputs = 3, Xres = 1111, Yres = 777 });
    private readonly GpuGuest _guest;

    public OutputTests()
    {
        _guest = _gpu.Connect();
        _guest.Start();
    }

    [Fact]
    public void GetDisplayInfo_NoDisplay_FirstMonitorIsAsTheOptionsSay()
    {
        VirtioGpuRespDisplayInfo info = DisplayInfo();

        Assert.Equal(VIRTIO_GPU_RESP_OK_DISPLAY_INFO, info.Hdr.Type);
        Assert.Equal((1u, new VirtioGpuRect(0, 0, 1111, 777)), (info.Pmodes[0].Enabled, info.Pmodes[0].R));
        for (int i = 1; i < 16; i++)
        {
            Assert.Equal((0u, default(VirtioGpuRect)), (info.Pmodes[i].Enabled, info.Pmodes[i].R));
        }
    }

    [Fact]
    public void Output_FromDisplay_EventIsRaisedAndClearedAndInfoChanges()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        Assert.Equal(0u, _guest.ReadConfig().EventsRead);
        display.SetOutput(0, 800, 600);
        display.SetOutput(2, 640, 480);
        Assert.True(display.RunUntil(() => display.IsReady));
        display.Settle();

        Assert.True(_guest.RunUntil(() => _guest.ConfigChanges > 0));
        Assert.Equal(VirtioGpuConfig.VIRTIO_GPU_EVENT_DISPLAY, _guest.ReadConfig().EventsRead);
        _ = _guest.FrontEnd.WriteConfig(4, [1, 0, 0, 0]);
        Assert.Equal(0u, _guest.ReadConfig().EventsRead);
        VirtioGpuRespDisplayInfo info = DisplayInfo();
        Assert.Equal(new VirtioGpuRect(0, 0, 800, 600), info.Pmodes[0].R);
        Assert.Equal(0u, info.Pmodes[1].Enabled);
        Assert.Equal(new VirtioGpuRect(800, 0, 640, 480), info.Pmodes[2].R);

        int before = _guest.ConfigChanges;
        display.SetOutput(2, 0, 0, enabled: false);
        display.Settle();
        Assert.True(_guest.RunUntil(() => _guest.ConfigChanges > before));
        Assert.Equal(0u, DisplayInfo().Pmodes[2].Enabled);
    }

    [Fact]
    public void Output_SameAgain_RaisesNothing()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        display.SetOutput(0, 800, 600);
        Assert.True(display.RunUntil(() => display.IsReady));
        Assert.True(_guest.RunUntil(() => _guest.ConfigChanges == 1));
        display.SetOutput(0, 800, 600);
        display.SetOutput(9, 800, 600);
        display.Settle();
        display.SetOutput(0, 801, 600);
        display.Settle();

        Assert.True(_guest.RunUntil(() => _guest.ConfigChanges >= 2));
        Assert.Equal(2, _guest.ConfigChanges);
    }

    [Fact]
    public void GetEdid_EachScanout_HasItsSizeAndSerial()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        display.SetOutput(1, 1024, 768);
        Assert.True(display.RunUntil(() => display.IsReady));
        Assert.True(_guest.RunUntil(() => _guest.ConfigChanges == 1));

        Assert.Equal((1111, 777, 1), SizeAndSerial(0));
        Assert.Equal((1024, 768, 2), SizeAndSerial(1));
        // Not plugged in: some EDID, for drivers that ask all the same.
        Assert.Equal((1111, 777, 3), SizeAndSerial(2));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, EdidRequest(3));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, EdidRequest(uint.MaxValue));
    }

    [Fact]
    public void Config_OnlyEventsClear_IsWritable()
    {
        VirtioGpuConfig config = _guest.ReadConfig();
        Assert.Equal((0u, 0u, 3u, 0u), (config.EventsRead, config.EventsClear, config.NumScanouts, config.NumCapsets));

        Assert.Equal(VhostUser.FrontEnd.VhostUserResult.Refused, _guest.FrontEnd.WriteConfig(0, [1, 0, 0, 0]));
        Assert.Equal(VhostUser.FrontEnd.VhostUserResult.Refused, _guest.FrontEnd.WriteConfig(8, [1, 0, 0, 0]));
        Assert.Equal(VhostUser.FrontEnd.VhostUserResult.Refused, _guest.FrontEnd.WriteConfig(2, [1, 0, 0, 0]));
        Assert.Equal(VhostUser.FrontEnd.VhostUserResult.Done, _guest.FrontEnd.WriteConfig(5, [1, 2]));
        Assert.Equal(config.NumScanouts, _guest.ReadConfig().NumScanouts);
    }

    public void Dispose()
    {
        _guest.Dispose();
        _gpu.Dispose();
    }

    private static VirtioGpuGetEdid EdidRequest(uint scanout) =>
        new() { Hdr = { Type = VIRTIO_GPU_CMD_GET_EDID }, Scanout = scanout };

    private VirtioGpuRespDisplayInfo DisplayInfo() => _guest.Ask<VirtioGpuCtrlHdr, VirtioGpuRespDisplayInfo>(
        new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO });

    private (int Width, int Height, int Serial) SizeAndSerial(uint scanout)
    {
        VirtioGpuRespEdid response = _guest.Ask<VirtioGpuGetEdid, VirtioGpuRespEdid>(EdidRequest(scanout));
        Assert.Equal(VIRTIO_GPU_RESP_OK_EDID, response.Hdr.Type);
        Assert.Equal(128u, response.Size);
        ReadOnlySpan<byte> edid = response.Edid;
        return (edid[56] | (edid[58] >> 4 << 8), edid[59] | (edid[61] >> 4 << 8), edid[12]);
    }
}
