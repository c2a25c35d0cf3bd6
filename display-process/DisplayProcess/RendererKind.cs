namespace SplitVmm.DisplayProcess;

/// <summary>Values of <c>--renderer</c>: how the SDL window is drawn.</summary>
public enum RendererKind
{
    /// <summary>By the GPU where there is one, else by the CPU, for which SDL 2 needs an OpenGL in software on Wayland.</summary>
    Auto,
    Software,
    Accelerated,
}
