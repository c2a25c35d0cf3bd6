namespace SplitVmm.SoftwareDrm;

/// <summary>When submissions complete.</summary>
internal enum Completion
{
    /// <summary>Before the ioctl returns.</summary>
    AtOnce,

    /// <summary>A moment later, from another thread.</summary>
    Later,

    /// <summary>When a test says so, if at all.</summary>
    ByHand,
}
