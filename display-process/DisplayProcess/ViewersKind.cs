namespace SplitVmm.DisplayProcess;

/// <summary>Values of <c>--viewers</c>: whether programs of others may show the heads.</summary>
public enum ViewersKind
{
    Off,

    /// <summary>Those that the supervisor lets in.</summary>
    On,
}
