using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Uapi;

/// <summary>Buffers that devices share, and fences in files (<c>linux/dma-buf.h</c>, <c>linux/sync_file.h</c>).</summary>
internal static class DmaBuf
{
    public const uint DMA_BUF_IOCTL_SYNC = 0x4008_6200;
    public const uint DMA_BUF_IOCTL_EXPORT_SYNC_FILE = 0xC008_6202;
    public const uint DMA_BUF_IOCTL_IMPORT_SYNC_FILE = 0x4008_6203;
    public const uint SYNC_IOC_FILE_INFO = 0xC038_3E04;

    public const uint DMA_BUF_SYNC_READ = 1;
    public const uint DMA_BUF_SYNC_WRITE = 2;
    public const uint DMA_BUF_SYNC_RW = DMA_BUF_SYNC_READ | DMA_BUF_SYNC_WRITE;
    public const ulong DMA_BUF_SYNC_END = 4;
}

/// <summary><c>struct dma_buf_sync</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DmaBufSync
{
    [FieldOffset(0)] public ulong Flags;
}

/// <summary><c>struct dma_buf_export_sync_file</c>, and <c>struct dma_buf_import_sync_file</c>, which is the same.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DmaBufSyncFile
{
    [FieldOffset(0)] public uint Flags;
    [FieldOffset(4)] public int Fd;
}

/// <summary><c>struct sync_file_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct SyncFileInfo
{
    /// <summary>1: signalled; 0: not yet; below 0: an error, of the GPU's work.</summary>
    [FieldOffset(32)] public int Status;

    [FieldOffset(36)] public uint Flags;

    /// <summary>In: room at <see cref="SyncFenceInfo"/>, none here.</summary>
    [FieldOffset(40)] public uint NumFences;
    [FieldOffset(44)] public uint Pad;
    [FieldOffset(48)] public ulong SyncFenceInfo;
}
