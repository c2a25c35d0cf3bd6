namespace SplitVmm.DisplayProcess;

/// <summary>Values of <c>--backend</c>.</summary>
public enum BackendKind
{
    Sdl,
    Headless,
}
