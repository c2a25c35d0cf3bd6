namespace SplitVmm.Lab.Tests;

/// <summary>
/// The run of a guest without 3D, whose frame buffers are blobs that go to the display by memfd: looked at for itself, and
/// compared with what dma-bufs show.
/// </summary>
internal static class MemFdBlobs
{
    private static readonly Lazy<GuestRun> s_run = new(() =>
        new Guest("blobs-2d", "blobs") { Options = "--gpu virgl=off,blob=on,hostmem=256M,dmabuf=off" }.RunUnderSplitVmm());

    /// <summary>Made by the first that asks, once the lab runs.</summary>
    public static GuestRun Run => s_run.Value;
}
