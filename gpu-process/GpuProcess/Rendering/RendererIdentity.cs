namespace SplitVmm.GpuProcess.Rendering;

/// <summary>What draws, for the user.</summary>
/// <param name="Renderer">GL_RENDERER of the host; <c>none</c> for 2D only.</param>
/// <param name="GlVersion">GL_VERSION of the host; empty for 2D only.</param>
/// <param name="LibraryVersion">Version of virglrenderer; empty for 2D only.</param>
/// <param name="Platform">How EGL was opened; empty for 2D only.</param>
internal sealed record RendererIdentity(string Renderer, string GlVersion, string LibraryVersion, string Platform)
{
    /// <summary>2D in software.</summary>
    public static RendererIdentity None { get; } = new("none", "", "", "");

    public override string ToString() => GlVersion.Length == 0
        ? "2D only, in software"
        : $"{Renderer}, OpenGL {GlVersion} (virglrenderer {LibraryVersion}, EGL {Platform})";
}
