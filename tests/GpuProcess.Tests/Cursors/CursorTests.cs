using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Cursors;

[Trait("Tier", Tiers.Unit)]
public sealed class CursorTests : IDisposable
{
    private readonly InProcessGpu _gpu = new();
    private readonly GpuGuest _guest;

    public CursorTests()
    {
        _guest = _gpu.Connect();
        _guest.Start();
    }

    [Fact]
    public void UpdateCursor_Image_ArrivesWithPixelsHotSpotAndPosition()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        MakeCursor(1, 64, pixel => 0xFF00_0000 | pixel);
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 1, 100, 50, 3, 4)));

        Assert.True(display.RunUntil(() => display.Cursors[0].IsVisible && display.Cursors[0].Position.X == 103));
        TestDisplay.CursorState cursor = display.Cursors[0];
        Assert.Equal((64u, 64u, 3u, 4u), (cursor.Image.Width, cursor.Image.Height, cursor.Image.HotX, cursor.Image.HotY));
        Assert.Equal(DrmFourcc.DRM_FORMAT_ARGB8888, cursor.Image.Format);
        Assert.Equal(54, cursor.Position.Y);
        Assert.Equal(
            Enumerable.Range(0, 64 * 64).Select(i => 0xFF00_0000 | (uint)i), MemoryMarshal.Cast<byte, uint>(cursor.Pixels).ToArray());
    }

    [Fact]
    public void MoveCursor_NegativeAndFarPositions_AreCarriedOrClamped()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        MakeCursor(1, 64, pixel => pixel);
        _ = _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 1, 0, 0));
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, -5, -7)));
        Assert.True(display.RunUntil(() => display.Cursors[0].Position is { X: -5, Y: -7 }));
        _ = _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, int.MaxValue, int.MinValue));
        Assert.True(display.RunUntil(() => display.Cursors[0].Position is { X: 16384, Y: -16384 }));
    }

    [Fact]
    public void UpdateCursor_ResourceZero_HidesIt()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        MakeCursor(1, 32, pixel => pixel);
        _ = _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 1, 0, 0));
        Assert.True(display.RunUntil(() => display.Cursors[0].IsVisible));
        _ = _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 0, 0, 0));
        Assert.True(display.RunUntil(() => !display.Cursors[0].IsVisible));
    }

    [Theory]
    [InlineData(VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, DrmFourcc.DRM_FORMAT_ARGB8888)]
    [InlineData(VirtioGpuFormats.VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, DrmFourcc.DRM_FORMAT_ABGR8888)]
    [InlineData(VirtioGpuFormats.VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM, DrmFourcc.DRM_FORMAT_BGRA8888)]
    [InlineData(VirtioGpuFormats.VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM, DrmFourcc.DRM_FORMAT_RGBA8888)]
    public void UpdateCursor_OfAFormatWithoutAlpha_HasAlpha(VirtioGpuFormats format, DrmFourcc shown)
    {
        MakeCursor(1, 16, pixel => pixel << 24, format);
        using TestDisplay display = _gpu.ConnectDisplay();

        _ = _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 1, 0, 0));

        Assert.True(display.RunUntil(() => display.Cursors[0].IsVisible));
        Assert.Equal(shown, display.Cursors[0].Image.Format);
    }

    [Fact]
    public void UpdateCursor_WrongRequests_AnswerTheirErrors()
    {
        MakeCursor(1, 64, pixel => pixel);
        _guest.Create2d(2, 257, 1);
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 1, 1, 0, 0)));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_MOVE_CURSOR, 16, 1, 0, 0)));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 9, 0, 0)));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 2, 0, 0)));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_UNSPEC, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_RESOURCE_UNREF, 0, 1, 0, 0)));
        // A hot spot outside the image is put on its edge.
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 1, 0, 0, uint.MaxValue, 64)));
    }

    [Fact]
    public void Attach_LateDisplay_IsShownTheCursor()
    {
        MakeCursor(1, 16, pixel => pixel);
        _ = _guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 1, 10, 20));
        using TestDisplay display = _gpu.ConnectDisplay();

        Assert.True(display.RunUntil(() => display.Cursors[0].IsVisible && display.Cursors[0].Position is { X: 10, Y: 20 }));
    }

    public void Dispose()
    {
        _guest.Dispose();
        _gpu.Dispose();
    }

    private void MakeCursor(uint id, uint size, Func<uint, uint> pixel, VirtioGpuFormats format = VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM)
    {
        _guest.Create2d(id, size, size, format);
        ulong backing = _guest.AttachFresh(id, (int)(size * size * 4));
        for (uint i = 0; i < size * size; i++)
        {
            _guest.Memory.Field<uint>(backing + (i * 4)) = pixel(i);
        }

        _guest.Do(TransferRequest(id, new VirtioGpuRect(0, 0, size, size), 0));
    }
}
