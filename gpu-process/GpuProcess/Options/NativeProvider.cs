namespace SplitVmm.GpuProcess.Options;

/// <summary>Whose the host half of DRM native contexts is, by the names of <c>native</c>.</summary>
public enum NativeProvider
{
    /// <summary><c>builtin</c>: this program's own.</summary>
    Builtin = 0,

    /// <summary><c>virglrenderer</c>: the library's, where it was built with it.</summary>
    Virglrenderer = 1,
}
