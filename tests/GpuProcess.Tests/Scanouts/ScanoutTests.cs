using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Scanouts;

[Trait("Tier", Tiers.Unit)]
public sealed class ScanoutTests : IDisposable
{
    private const uint Width = 64;
    private const uint Height = 48;

    private static readonly VirtioGpuRect s_all = new(0, 0, Width, Height);

    private readonly InProcessGpu _gpu = new(new GpuOptions { MaxOutputs = 3 });
    private readonly GpuGuest _guest;

    public ScanoutTests()
    {
        _guest = _gpu.Connect();
        _guest.Start();
    }

    [Fact]
    public void SetScanout_WrongRequests_AnswerTheirErrors()
    {
        _guest.Create2d(1, Width, Height);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, SetScanoutRequest(3, 1, s_all));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, SetScanoutRequest(uint.MaxValue, 0, s_all));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, SetScanoutRequest(0, 2, s_all));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, SetScanoutRequest(0, 1, default));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, SetScanoutRequest(0, 1, new VirtioGpuRect(1, 0, Width, Height)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, SetScanoutRequest(0, 1, new VirtioGpuRect(0, uint.MaxValue, Width, 2)));
        _guest.Do(SetScanoutRequest(2, 1, s_all));
        _guest.Do(SetScanoutRequest(2, 0, default));
    }

    [Fact]
    public void Flush_WrongRequests_AnswerTheirErrors()
    {
        _guest.Create2d(1, Width, Height);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, FlushRequest(2, s_all));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, FlushRequest(1, new VirtioGpuRect(0, 1, Width, Height)));
        _guest.Do(FlushRequest(1, s_all));
        Assert.Equal(0, _gpu.Device.Statistics.Frames);
    }

    [Fact]
    public void SetScanout_PartsOfOneResource_EachShowsItsPart()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        Paint(1, (x, y) => (y << 16) | x);
        _guest.Do(SetScanoutRequest(0, 1, new VirtioGpuRect(0, 0, 32, Height)));
        _guest.Do(SetScanoutRequest(1, 1, new VirtioGpuRect(32, 8, 32, 40)));
        _guest.Do(SetScanoutRequest(2, 1, s_all));
        _guest.Do(FlushRequest(1, s_all));

        Assert.True(display.RunUntil(() => display.Frames == 3));
        Assert.Equal(0x0005_0003u, display.Pictures[0]![3, 5]);
        Assert.Equal(((8u + 5) << 16) | (32 + 3), display.Pictures[1]![3, 5]);
        Assert.Equal((47u << 16) | 63, display.Pictures[2]![63, 47]);
        Assert.All(display.Pictures.Take(3), picture => Assert.Equal(ScanoutFlags.Y0Top, picture!.Configuration.Flags));
    }

    [Fact]
    public void Flush_SmallArea_DamageIsOnlyThat()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        Paint(1, (_, _) => 1);
        _guest.Do(SetScanoutRequest(0, 1, new VirtioGpuRect(8, 8, 32, 32)));
        _guest.Do(FlushRequest(1, s_all));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(4, 10, 8, 2)));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, 8, 8)));

        Assert.True(display.RunUntil(() => display.Frames == 2));
        display.Settle();
        Assert.Equal(2, display.Frames);
        DamageRectangle damage = Assert.Single(display.Damage[1]);
        Assert.Equal((0u, 2u, 4u, 2u), (damage.X, damage.Y, damage.Width, damage.Height));
    }

    [Fact]
    public void Flush_DisplayHoldsEveryBuffer_ChangesUniteAndTheLastStateIsShown()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        display.Hold = true;
        ulong backing = Paint(1, (_, _) => 0);
        _guest.Do(SetScanoutRequest(0, 1, s_all));
        for (uint i = 0; i < Height; i++)
        {
            _guest.Memory.Span(backing + (i * Width * 4), (int)Width * 4).Fill((byte)(i + 1));
            _guest.Do(TransferRequest(1, new VirtioGpuRect(0, i, Width, 1), i * Width * 4));
            _guest.Do(FlushRequest(1, new VirtioGpuRect(0, i, Width, 1)));
        }

        Assert.True(display.RunUntil(() => display.Frames == 3));
        display.Settle();
        Assert.Equal(3, display.Frames);
        Assert.True(_gpu.Device.Statistics.FramesCoalesced > 0);
        display.CompleteAll();

        Assert.True(display.RunUntil(() => display.Frames == 4));
        for (uint i = 0; i < Height; i++)
        {
            Assert.Equal((i + 1) * 0x0101_0101, display.Pictures[0]![5, i]);
        }
    }

    [Fact]
    public void SetScanout_WithoutFlush_IsShownAllTheSame()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        Paint(1, (_, _) => 0xAABBCCDD);
        _guest.Do(SetScanoutRequest(0, 1, s_all));

        Assert.True(display.RunUntil(() => display.Pictures[0]?[0, 0] == 0xAABBCCDD));
    }

    [Fact]
    public void SetScanout_PageFlips_KeepTheBuffers()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        Paint(1, (_, _) => 1);
        Paint(2, (_, _) => 2);
        for (uint i = 0; i < 20; i++)
        {
            uint id = 1 + (i % 2);
            _guest.Do(SetScanoutRequest(0, id, s_all));
            _guest.Do(FlushRequest(id, s_all));
            Assert.True(display.RunUntil(() => display.Pictures[0]?[9, 9] == id));
        }

        Assert.Equal(1, display.ScanoutSets);
        Assert.Equal(20, display.Frames);
    }

    [Fact]
    public void Unref_OfShownResource_DisablesItsScanouts()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        Paint(1, (_, _) => 1);
        _guest.Do(SetScanoutRequest(0, 1, s_all));
        _guest.Do(SetScanoutRequest(1, 1, s_all));
        _guest.Do(FlushRequest(1, s_all));
        Assert.True(display.RunUntil(() => display.Frames == 2));
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));

        Assert.True(display.RunUntil(() => display.Pictures[0] is null && display.Pictures[1] is null));
    }

    [Fact]
    public void Attach_SecondDisplay_IsShownTheLastPicture()
    {
        Paint(1, (x, _) => x);
        _guest.Do(SetScanoutRequest(1, 1, s_all));
        using (TestDisplay first = _gpu.ConnectDisplay())
        {
            _guest.Do(FlushRequest(1, s_all));
            Assert.True(first.RunUntil(() => first.Pictures[1]?[7, 0] == 7));
        }

        using TestDisplay second = _gpu.ConnectDisplay();
        Assert.True(second.RunUntil(() => second.Pictures[1]?[7, 0] == 7));
        Assert.Null(second.Pictures[0]);
    }

    [Fact]
    public void Reset_TurnsEverythingOff_TenTimes()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        for (uint i = 1; i <= 10; i++)
        {
            Paint(1, (_, _) => i);
            _guest.Do(SetScanoutRequest(0, 1, s_all));
            _guest.Do(FlushRequest(1, s_all));
            Assert.True(display.RunUntil(() => display.Pictures[0]?[0, 0] == i));
            _guest.Reboot();
            Assert.True(display.RunUntil(() => display.Pictures[0] is null));
            Assert.Equal(0, _gpu.Device.Statistics.Resources);
        }
    }

    public void Dispose()
    {
        _guest.Dispose();
        _gpu.Dispose();
    }

    private ulong Paint(uint id, Func<uint, uint, uint> pixel)
    {
        _guest.Create2d(id, Width, Height);
        ulong backing = _guest.AttachFresh(id, (int)(Width * Height * 4));
        for (uint y = 0; y < Height; y++)
        {
            for (uint x = 0; x < Width; x++)
            {
                _guest.Memory.Field<uint>(backing + (((y * Width) + x) * 4)) = pixel(x, y);
            }
        }

        _guest.Do(TransferRequest(id, s_all, 0));
        return backing;
    }
}
