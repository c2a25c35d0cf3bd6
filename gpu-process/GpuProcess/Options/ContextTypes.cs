namespace SplitVmm.GpuProcess.Options;

/// <summary>Kinds of contexts that a guest may be offered, by the names of <c>context-types</c>.</summary>
[Flags]
public enum ContextTypes
{
    None = 0,

    /// <summary><c>virgl</c>: OpenGL, capability set 1.</summary>
    Virgl = 1,

    /// <summary><c>virgl2</c>: OpenGL, capability set 2.</summary>
    Virgl2 = 2,

    /// <summary><c>venus</c>: Vulkan, capability set 4.</summary>
    Venus = 4,

    /// <summary><c>drm</c>: native contexts, capability set 6.</summary>
    Drm = 8,
}
