namespace SplitVmm.DisplayProcess;

/// <summary>Values of <c>--clipboard</c>: whether text goes between the desktop's clipboard and the guest's.</summary>
public enum ClipboardKind
{
    Off,
    On,
}
