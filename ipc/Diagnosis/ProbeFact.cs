namespace SplitVmm.Diagnosis;

/// <summary>Names in a <see cref="ProbeReport"/>.</summary>
public static class ProbeFact
{
    /// <summary>One line for the user: why the process could not do what it is for. Of every process.</summary>
    public const string Problem = "problem";

    /// <summary>Of every process in a cage.</summary>
    public const string SystemCalls = "sandbox.system-calls";
    public const string Landlock = "sandbox.landlock";
    public const string NoNewCode = "sandbox.no-new-code";
    public const string SandboxMissing = "sandbox.missing";

    /// <summary>vmm-core: instructions of kernel code a second.</summary>
    public const string KvmRate = "kvm.instructions-per-second";
    public const string KvmCpus = "kvm.maximum-cpus";

    /// <summary>vmm-core: a name of <see cref="Diagnosis.GuestPatSupport"/>.</summary>
    public const string GuestPat = "kvm.guest-pat";

    /// <summary>display-process: SDL's version and how it reaches the screen.</summary>
    public const string Sdl = "sdl";

    /// <summary>gpu-process: a version as <see cref="VirglVersion.Name"/>; empty: there is no such library.</summary>
    public const string Virgl = "virglrenderer";

    /// <summary>gpu-process: virglrenderer was built with Venus; with any DRM native context.</summary>
    public const string VirglVenus = "virglrenderer.venus";
    public const string VirglDrm = "virglrenderer.drm";

    /// <summary>gpu-process: GL_RENDERER and GL_VERSION of the context that virglrenderer would draw with.</summary>
    public const string GlRenderer = "gl.renderer";
    public const string GlVersion = "gl.version";

    /// <summary>gpu-process: one for each capability set that a guest would be offered.</summary>
    public const string Capset = "capset";
}
