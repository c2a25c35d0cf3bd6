namespace SplitVmm.Diagnosis;

/// <summary>Whether KVM lets the guest decide how its memory is cached; the names are the words of a <see cref="ProbeReport"/>.</summary>
public enum GuestPatSupport
{
    /// <summary>Always.</summary>
    Honoured,

    /// <summary>If the monitor asks for it, as vmm-core does for a machine with a host-visible window.</summary>
    OnRequest,

    /// <summary>Never: all memory is write-back.</summary>
    Ignored,
}
