using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Blobs;

/// <summary>Blobs of guest memory: shown as they are, without a copy, and found again after a death of the process.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class GuestBlobTests : IDisposable
{
    private const uint Width = 40;
    private const uint Height = 30;
    private const int Bytes = (int)(Width * Height * 4);

    private static readonly GpuOptions s_options = new() { Virgl = false, Blob = true };

    private readonly JournalImage _journal = new();
    private readonly List<InProcessGpu> _gpus = [];
    private readonly GpuGuest _guest;

    public GuestBlobTests()
    {
        _guest = Begin().Connect(keepsInflight: true);
        _guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB);
    }

    private InProcessGpu Gpu => _gpus[^1];

    [Fact]
    public void SetScanoutBlob_WithStrideAndOffset_ShowsThatPartOfScatteredPages()
    {
        const uint Stride = (Width * 4) + 12;
        const uint Offset = 100;
        int size = (int)(Offset + (Stride * Height));
        ulong[] pieces = [_guest.Memory.Allocate(4096, 4096), _guest.Memory.Allocate(8192, 4096)];
        _guest.Do(BlobRequests.Guest(1, (ulong)size, 2), Entries((pieces[1], 4096), (pieces[0], 4096)));
        for (uint y = 0; y < Height; y++)
        {
            for (uint x = 0; x < Width; x++)
            {
                uint at = Offset + (y * Stride) + (x * 4);
                // A pixel may lie across the two pieces: byte by byte.
                for (int i = 0; i < 4; i++)
                {
                    ulong address = at + i < 4096 ? pieces[1] + at + (ulong)i : pieces[0] + at + (ulong)i - 4096;
                    _guest.Memory.Field<byte>(address) = (byte)(Pixel(x, y) >> (8 * i));
                }
            }
        }

        using TestDisplay display = Gpu.ConnectDisplay();
        _guest.Do(BlobRequests.Scanout(1, Width, Height, new VirtioGpuRect(3, 5, 30, 20), Stride, Offset));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, Width, Height)));

        Assert.True(display.RunUntil(() => display.Frames > 0));
        for (uint y = 0; y < 20; y++)
        {
            for (uint x = 0; x < 30; x++)
            {
                Assert.Equal(Pixel(x + 3, y + 5), display.Pictures[0]![x, y]);
            }
        }
    }

    [Fact]
    public void TransferToHost_OfABlob_IsDoneAlready()
    {
        ulong memory = Make(1);
        using TestDisplay display = Gpu.ConnectDisplay();
        _guest.Do(BlobRequests.Scanout(1, Width, Height));
        _guest.Memory.Field<uint>(memory) = 0xFF77_6655;
        _guest.Do(TransferRequest(1, new VirtioGpuRect(0, 0, Width, Height), 0));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, 1, 1)));

        Assert.True(display.RunUntil(() => display.Pictures[0]?[0, 0] == 0xFF77_6655));
    }

    [Fact]
    public void UpdateCursor_WithABlob_ShowsIt()
    {
        ulong memory = _guest.Memory.Allocate(64 * 64 * 4, 4096);
        _guest.Do(BlobRequests.Guest(2, 64 * 64 * 4, 1), Entries((memory, 64 * 64 * 4)));
        _guest.Memory.Field<uint>(memory + 4) = 0x8011_2233;
        using TestDisplay display = Gpu.ConnectDisplay();

        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 2, 5, 6, 1, 1)));

        Assert.True(display.RunUntil(() => display.Cursors[0].IsVisible));
        Assert.Equal(0x8011_2233, BitConverter.ToUInt32(display.Cursors[0].Pixels, 4));
        Make(3);
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 3, 5, 6)));
    }

    [Fact]
    public void Kill_WithABlobShown_ShowsItAgainFromItsPages()
    {
        ulong memory = Make(1);
        _guest.Do(BlobRequests.Scanout(1, Width, Height));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, Width, Height)));
        Restart();

        using TestDisplay display = Gpu.ConnectDisplay();
        Assert.True(display.RunUntil(() => display.Frames > 0));
        Assert.Equal(Pixel(7, 9), display.Pictures[0]![7, 9]);
        _guest.Memory.Field<uint>(memory) = 0xFF12_3456;
        _guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, 1, 1)));
        Assert.True(display.RunUntil(() => display.Pictures[0]![0, 0] == 0xFF12_3456));
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));
        Restart();
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));
    }

    [Fact]
    public void Kill_WithABlobOfTheHost_AnswersWithErrorsAfterwards()
    {
        _guest.Do(BlobRequests.Host(4, 8192));
        _guest.Do(BlobRequests.Scanout(4, 32, 32));
        Restart();

        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, BlobRequests.Map(4, 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, 4));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, FlushRequest(4, new VirtioGpuRect(0, 0, 1, 1)));
        _guest.Do(BlobRequests.Host(4, 8192));
    }

    [Fact]
    public void DetachBacking_OfABlob_LeavesItWithoutMemory()
    {
        ulong memory = Make(1);
        _guest.Do(BlobRequests.Scanout(1, Width, Height));
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 1));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, 1, 1)));
        // Too short, then as long as it has to be.
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, AttachRequest(1, 1), Entries((memory, Bytes - 1)));
        _guest.Attach(1, (memory, Bytes));
        Restart();
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));
    }

    [Fact]
    public void CreateBlob_WrongRequests_AnswerTheirErrors()
    {
        ulong memory = Make(1);
        byte[] one = Entries((memory, Bytes));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, BlobRequests.Guest(0, 4096, 1), one);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, BlobRequests.Guest(1, 4096, 1), one);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Guest(2, 0, 1), one);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Guest(2, 4096, 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Guest(2, Bytes + 1, 1), one);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Guest(2, ulong.MaxValue, 1), one);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, BlobRequests.Guest(2, 4096, 2), one);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, BlobRequests.Guest(2, 4096, 1), Entries((1UL << 50, 4096)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Guest(2, 4096, 1) with { BlobMem = (VirtioGpuBlobMem)4 }, one);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Guest(2, 4096, 1) with { BlobMem = VirtioGpuBlobMem.None }, one);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Guest(2, 4096, 1) with { BlobFlags = (VirtioGpuBlobFlags)8 }, one);
        // Without a renderer no context has memory.
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, BlobRequests.Host(2, 4096, context: 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, BlobRequests.Host(2, 4096) with { BlobId = 1 });
        _guest.Fail(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, BlobRequests.Host(2, 1UL << 34));
    }

    [Theory]
    [InlineData(0u, 30u, 160u, 0u)]
    [InlineData(40u, 0u, 160u, 0u)]
    [InlineData(40u, 30u, 159u, 0u)]
    [InlineData(40u, 30u, 160u, 1u)]
    [InlineData(40u, 31u, 160u, 0u)]
    [InlineData(40u, 30u, 161u, 0u)]
    [InlineData(40u, 30u, uint.MaxValue, uint.MaxValue)]
    [InlineData(16385u, 1u, 65540u, 0u)]
    public void SetScanoutBlob_BeyondTheBlob_IsRefused(uint width, uint height, uint stride, uint offset)
    {
        Make(1);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Scanout(1, width, height, new VirtioGpuRect(0, 0, 1, 1), stride, offset));
    }

    [Fact]
    public void SetScanoutBlob_WrongRequests_AnswerTheirErrors()
    {
        Make(1);
        _guest.Create2d(2, Width, Height);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, BlobRequests.Scanout(1, Width, Height) with { ScanoutId = 1 });
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, BlobRequests.Scanout(9, Width, Height));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Scanout(2, Width, Height));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Scanout(1, Width, Height) with { Format = (VirtioGpuFormats)5 });
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Scanout(1, Width, Height, new VirtioGpuRect(1, 0, Width, Height)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, SetScanoutRequest(0, 1, new VirtioGpuRect(0, 0, 1, 1)));
        _guest.Do(BlobRequests.Scanout(1, Width, Height));
        _guest.Do(BlobRequests.Scanout(0, 0, 0));
    }

    [Fact]
    public void Blobs_WithoutTheFeature_AreUnknown()
    {
        _guest.Reboot();
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, BlobRequests.Host(1, 4096));
    }

    public void Dispose()
    {
        _guest.Dispose();
        _gpus.ForEach(gpu => gpu.Dispose());
        _journal.Dispose();
    }

    private static uint Pixel(uint x, uint y) => 0xFF00_0000 | (y << 8) | x;

    private InProcessGpu Begin()
    {
        _gpus.Add(new InProcessGpu(s_options, journal: _journal.File));
        return Gpu;
    }

    private void Restart()
    {
        Gpu.Kill();
        Begin().Reconnect(_guest);
        // An answer says that the restoration is over.
        _ = _guest.Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 });
    }

    private ulong Make(uint id)
    {
        ulong memory = _guest.Memory.Allocate(Bytes, 4096);
        for (uint i = 0; i < Width * Height; i++)
        {
            _guest.Memory.Field<uint>(memory + (i * 4)) = Pixel(i % Width, i / Width);
        }

        _guest.Do(BlobRequests.Guest(id, Bytes, 1), Entries((memory, Bytes)));
        return memory;
    }
}
