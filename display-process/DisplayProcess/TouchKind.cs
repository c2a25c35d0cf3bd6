namespace SplitVmm.DisplayProcess;

/// <summary>Values of <c>--touch</c>: what fingers on the SDL window are.</summary>
public enum TouchKind
{
    /// <summary>The first one is a pointer.</summary>
    Off,

    /// <summary>Contacts on a touch screen of the guest.</summary>
    On,
}
