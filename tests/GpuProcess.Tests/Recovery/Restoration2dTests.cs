using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Recovery;

/// <summary>2D after the death of the process: a guest that makes nothing again finds everything again.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class Restoration2dTests : IDisposable
{
    private const uint Width = 40;
    private const uint Height = 30;

    private static readonly VirtioGpuRect s_all = new(0, 0, Width, Height);

    private readonly JournalImage _journal = new();
    private readonly List<InProcessGpu> _gpus = [];
    private readonly GpuGuest _guest;

    public Restoration2dTests()
    {
        _guest = Begin().Connect(keepsInflight: true);
        _guest.Start();
    }

    private InProcessGpu Gpu => _gpus[^1];

    [Fact]
    public void Kill_WithAPictureShown_ShowsItAgain()
    {
        ulong backing = ShowPicture(1);
        Restart();

        using TestDisplay display = Gpu.ConnectDisplay();
        Assert.True(display.RunUntil(() => display.Frames > 0));
        AssertPicture(display.Pictures[0]!, backing, 0, 0);
        Assert.Equal(1, Gpu.Device.Statistics.Resources);
        // The guest goes on with it.
        _guest.Memory.Field<uint>(backing) = 0xFF12_3456;
        _guest.Do(TransferRequest(1, s_all, 0));
        _guest.Do(FlushRequest(1, s_all));
        Assert.True(display.RunUntil(() => display.Pictures[0]![0, 0] == 0xFF12_3456));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Create2dRequest(1, 4, 4));
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));
        _guest.Create2d(1, 4, 4);
    }

    [Fact]
    public void Kill_WithAPartShownFromScatteredPages_ShowsThatPart()
    {
        _guest.Create2d(7, Width, Height);
        ulong first = _guest.Memory.Allocate(4096, 4096);
        _ = _guest.Memory.Allocate(4096, 4096);
        ulong second = _guest.Memory.Allocate(4096, 4096);
        _guest.Attach(7, (second, 1000), (first, (Width * Height * 4) - 1000));
        byte[] pixels = new byte[Width * Height * 4];
        new Random(5).NextBytes(pixels);
        pixels.AsSpan(0, 1000).CopyTo(_guest.Memory.Span(second, 1000));
        pixels.AsSpan(1000).CopyTo(_guest.Memory.Span(first, pixels.Length - 1000));
        _guest.Do(SetScanoutRequest(0, 7, new VirtioGpuRect(4, 5, 20, 10)));
        Restart();

        using TestDisplay display = Gpu.ConnectDisplay();
        Assert.True(display.RunUntil(() => display.Frames > 0));
        for (uint y = 0; y < 10; y++)
        {
            for (uint x = 0; x < 20; x++)
            {
                Assert.Equal(BitConverter.ToUInt32(pixels, (int)((((y + 5) * Width) + x + 4) * 4)), display.Pictures[0]![x, y]);
            }
        }
    }

    [Fact]
    public void Kill_TenTimes_KeepsPictureCursorAndUuid()
    {
        ulong backing = ShowPicture(1);
        _guest.Create2d(2, 16, 16, VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM);
        ulong arrow = _guest.AttachFresh(2, 16 * 16 * 4);
        _guest.Memory.Field<uint>(arrow) = 0x8011_2233;
        _guest.Do(TransferRequest(2, new VirtioGpuRect(0, 0, 16, 16), 0));
        _ = _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 2, 3, 4, 1, 2));
        _ = _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, 8, 9));
        VirtioGpuRespResourceUuid uuid = Uuid(1);
        for (int i = 0; i < 10; i++)
        {
            Restart();
            Settle();
        }

        using TestDisplay display = Gpu.ConnectDisplay();
        Assert.True(display.RunUntil(() => display.Frames > 0 && display.Cursors[0].Position.X != 0));
        AssertPicture(display.Pictures[0]!, backing, 0, 0);
        Assert.Equal((8 + 1, 9 + 2), (display.Cursors[0].Position.X, display.Cursors[0].Position.Y));
        VirtioGpuRespResourceUuid again = Uuid(1);
        Assert.True(((ReadOnlySpan<byte>)uuid.Uuid).SequenceEqual(again.Uuid));
        Assert.Contains(Gpu.Log, line => line.StartsWith("restored 2 resources", StringComparison.Ordinal));
    }

    [Fact]
    public void Kill_AfterThingsWereTakenAway_DoesNotBringThemBack()
    {
        _ = ShowPicture(1);
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 1));
        _guest.Create2d(2, 8, 8);
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 2));
        Restart();

        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, TransferRequest(1, s_all, 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, TransferRequest(2, default, 0));
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));
        Restart();
        Assert.Equal(0, Gpu.Device.Statistics.Resources);
        using TestDisplay display = Gpu.ConnectDisplay();
        _guest.Create2d(1, 8, 8);
        display.Settle(0);
        Assert.Equal(0, display.Frames);
    }

    [Fact]
    public void Kill_AfterAReset_StartsFromNothing()
    {
        _ = ShowPicture(1);
        _guest.Reboot();
        Restart();

        _guest.Create2d(1, 8, 8);
        Assert.Equal(1, Gpu.Device.Statistics.Resources);
    }

    [Fact]
    public void Reset_ByTheNewProcessBeforeItsQueues_StartsFromNothing()
    {
        _ = ShowPicture(1);
        Gpu.Kill();
        InProcessGpu next = Begin();
        // What a monitor does when the guest has reset the device while there was no back end.
        using GpuGuest rebooted = next.Connect();
        Assert.Equal(VhostUser.FrontEnd.VhostUserResult.Done, rebooted.FrontEnd.ResetDevice());
        rebooted.Start();
        rebooted.Create2d(1, 8, 8);
        Assert.Equal(1, next.Device.Statistics.Resources);
    }

    [Fact]
    public void End_InGoodOrder_KeepsTheJournalForTheNext()
    {
        ulong backing = ShowPicture(1);
        Gpu.Dispose();
        _gpus.RemoveAt(_gpus.Count - 1);
        Begin().Reconnect(_guest);

        using TestDisplay display = Gpu.ConnectDisplay();
        Assert.True(display.RunUntil(() => display.Frames > 0));
        AssertPicture(display.Pictures[0]!, backing, 0, 0);
    }

    [Fact]
    public void Attempts_ThatNeverHold_AreGivenUp()
    {
        _ = ShowPicture(1);
        for (int i = 0; i < 7; i++)
        {
            Restart();
        }

        Assert.Contains(Gpu.Log, line => line.Contains("this one does not try", StringComparison.Ordinal));
        _guest.Create2d(1, 8, 8);
    }

    [Fact]
    public void Attempts_ThatHold_AreForgotten()
    {
        _ = ShowPicture(1);
        for (int i = 0; i < 12; i++)
        {
            Restart();
            Settle();
        }

        Assert.DoesNotContain(Gpu.Log, line => line.Contains("does not try", StringComparison.Ordinal));
        Assert.Equal(1, Gpu.Device.Statistics.Resources);
    }

    public void Dispose()
    {
        _guest.Dispose();
        _gpus.ForEach(gpu => gpu.Dispose());
        _journal.Dispose();
    }

    private static void AssertPicture(TestDisplay.Picture picture, ulong backing, uint left, uint top)
    {
        Assert.NotEqual(0UL, backing);
        for (uint y = 0; y < picture.Configuration.Height; y++)
        {
            for (uint x = 0; x < picture.Configuration.Width; x++)
            {
                Assert.Equal(0xFF00_0000 | ((y + top) << 8) | (x + left), picture[x, y]);
            }
        }
    }

    private InProcessGpu Begin()
    {
        _gpus.Add(new InProcessGpu(journal: _journal.File));
        return Gpu;
    }

    private void Restart()
    {
        Gpu.Kill();
        Begin().Reconnect(_guest);
        // An answer says that the restoration is over.
        _ = _guest.Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 });
    }

    /// <summary>As many requests as it takes for a restoration to count as one that holds.</summary>
    private void Settle()
    {
        for (int command = 0; command < 110; command++)
        {
            _ = _guest.Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 });
        }
    }

    private VirtioGpuRespResourceUuid Uuid(uint id) => _guest.Ask<VirtioGpuResourceReference, VirtioGpuRespResourceUuid>(
        Reference(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, id));

    private ulong ShowPicture(uint id)
    {
        _guest.Create2d(id, Width, Height);
        ulong backing = _guest.AttachFresh(id, (int)(Width * Height * 4));
        for (uint i = 0; i < Width * Height; i++)
        {
            _guest.Memory.Field<uint>(backing + (i * 4)) = 0xFF00_0000 | (i / Width << 8) | (i % Width);
        }

        _guest.Do(TransferRequest(id, s_all, 0));
        _guest.Do(SetScanoutRequest(0, id, s_all));
        _guest.Do(FlushRequest(id, s_all));
        return backing;
    }
}
