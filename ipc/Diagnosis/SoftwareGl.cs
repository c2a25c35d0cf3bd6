namespace SplitVmm.Diagnosis;

/// <summary>OpenGL that runs on the CPU.</summary>
public static class SoftwareGl
{
    private static readonly string[] s_names = ["llvmpipe", "softpipe", "swrast", "swr "];

    /// <param name="renderer">GL_RENDERER, for example <c>llvmpipe (LLVM 19.1.7, 256 bits)</c>; null: nobody has said.</param>
    public static bool Draws(string? renderer) =>
        renderer is not null && s_names.Any(name => renderer.Contains(name, StringComparison.OrdinalIgnoreCase));
}
