namespace SplitVmm.GpuProcess.Rendering;

/// <summary>What draws, for the user.</summary>
/// <param name="Renderer">GL_RENDERER of the host, the device of native contexts, or both; <c>none</c> for 2D only.</param>
/// <param name="GlVersion">GL_VERSION of the host; empty without OpenGL.</param>
/// <param name="LibraryVersion">Version of virglrenderer; empty without it.</param>
/// <param name="Platform">How EGL was opened; empty without it.</param>
internal sealed record RendererIdentity(string Renderer, string GlVersion, string LibraryVersion, string Platform)
{
    /// <summary>2D in software.</summary>
    public static RendererIdentity None { get; } = new("none", "", "", "");

    public override string ToString() => GlVersion.Length == 0
        ? this == None ? "2D only, in software" : Renderer
        : $"{Renderer}, OpenGL {GlVersion} (virglrenderer {LibraryVersion}, EGL {Platform})";
}
