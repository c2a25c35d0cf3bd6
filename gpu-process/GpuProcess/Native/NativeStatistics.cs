namespace SplitVmm.GpuProcess.Native;

/// <summary>What native contexts have done. On the device's thread.</summary>
internal sealed class NativeStatistics
{
    /// <summary>Commands in streams.</summary>
    public long Commands { get; set; }

    /// <summary>Those that were refused, by a check of ours or by the kernel driver.</summary>
    public long Refused { get; set; }

    /// <summary>Those of the refused ones that no driver here knows.</summary>
    public long Unknown { get; set; }

    /// <summary>Bytes of GEM objects that contexts have made.</summary>
    public ulong Bytes { get; set; }

    /// <summary>Sync files that something waits for.</summary>
    public int SyncFiles { get; set; }
}
