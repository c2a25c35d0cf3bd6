namespace SplitVmm.Diagnosis;

/// <summary>The rows of the table.</summary>
public static class GuestContexts
{
    /// <summary>KVM takes no references to pages of device memory since: host blobs may be GPU memory.</summary>
    public static readonly KernelVersion GpuMemoryBlobs = new(6, 13);

    /// <summary>KVM on Intel processors lets guests decide how their memory is cached since.</summary>
    public static readonly KernelVersion GuestPat = new(6, 16);

    private const string MesaDrivers = "https://docs.mesa3d.org/drivers/";
    private const string Native = "blob=on,hostmem=4G,drm_native_context=on";
    private const string NativeNeeds = "a render node of this driver that the user may open";

    public static GuestContext Flat { get; } = new()
    {
        Id = "2d",
        Title = "2D",
        Option = "virgl=off",
        InThisVersion = true,
        HostNeeds = "nothing: no graphics library is loaded",
        GuestKernel = "4.2",
        GuestMesa = "none, or its llvmpipe in the guest",
        HostMemory = "none",
        Link = MesaDrivers + "llvmpipe.html",
    };

    public static GuestContext Virgl { get; } = new()
    {
        Id = "virgl",
        Title = "OpenGL by virgl",
        Option = "virgl=on (the default)",
        InThisVersion = true,
        HostKernelNote = "6.13 for OpenGL 4.6 on a GPU",
        Virglrenderer = "1.0",
        HostNeeds = "EGL with a surfaceless platform, and OpenGL 3.1 or OpenGL ES 3.0; without a GPU Mesa draws in software (llvmpipe)",
        HostPackages = "libvirglrenderer1 libegl1 libegl-mesa0 libopengl0",
        GuestKernel = "4.4",
        GuestMesa = "16.0",
        HostMemory = "none for OpenGL 4.3; 256M to 8G with `blob=on` for OpenGL 4.6, which this version does not offer yet",
        Link = MesaDrivers + "virgl.html",
    };

    public static GuestContext Venus { get; } = new()
    {
        Id = "venus",
        Title = "Vulkan by Venus",
        Option = "blob=on,hostmem=4G,venus=on",
        InThisVersion = true,
        HostKernel = GpuMemoryBlobs,
        HostKernelNote = "not needed with lavapipe, which draws in software; Intel processors with another maker's GPU need 6.16",
        Virglrenderer = "1.0",
        HostNeeds = "virglrenderer built with Venus and its server `virgl_render_server`; a driver of Vulkan 1.1 that exports memory as dma-buf; with lavapipe `/dev/udmabuf` for that",
        HostPackages = "libvirglrenderer1 virgl-server libvulkan1 mesa-vulkan-drivers",
        GuestKernel = "5.16",
        GuestMesa = "24.2",
        HostMemory = "256M to 8G",
        Link = MesaDrivers + "venus.html",
    };

    public static GuestContext Amdgpu { get; } = new()
    {
        Id = "drm-amdgpu",
        Title = "DRM native context, AMD",
        Option = Native,
        InThisVersion = true,
        HostKernel = GpuMemoryBlobs,
        Virglrenderer = "1.1",
        HostDriver = "amdgpu",
        HostNeeds = NativeNeeds,
        GuestKernel = "6.14",
        GuestMesa = "25.0",
        HostMemory = "256M to 8G",
        Link = MesaDrivers + "radv.html",
    };

    public static GuestContext I915 { get; } = new()
    {
        Id = "drm-i915",
        Title = "DRM native context, Intel",
        Option = Native,
        InThisVersion = true,
        HostKernel = GpuMemoryBlobs,
        Virglrenderer = "1.3",
        HostDriver = "i915",
        HostNeeds = NativeNeeds,
        GuestKernel = "6.14",
        GuestMesa = "26.1",
        HostMemory = "256M to 8G",
        Link = MesaDrivers + "anv.html",
    };

    public static GuestContext Msm { get; } = new()
    {
        Id = "drm-msm",
        Title = "DRM native context, Qualcomm",
        Option = Native,
        InThisVersion = true,
        HostKernel = new KernelVersion(6, 4),
        Virglrenderer = "1.0",
        HostDriver = "msm",
        Elsewhere = "arm64",
        HostNeeds = NativeNeeds,
        GuestKernel = "6.14",
        GuestMesa = "23.1",
        HostMemory = "256M to 8G",
        Link = MesaDrivers + "freedreno.html",
    };

    public static GuestContext Asahi { get; } = new()
    {
        Id = "drm-asahi",
        Title = "DRM native context, Apple",
        Option = Native,
        InThisVersion = true,
        HostKernelNote = "one of the Asahi project",
        Virglrenderer = "1.2",
        HostDriver = "asahi",
        Elsewhere = "arm64",
        HostNeeds = NativeNeeds,
        GuestKernel = "6.14",
        GuestMesa = "24.2",
        HostMemory = "256M to 8G",
        Link = MesaDrivers + "asahi.html",
    };

    /// <summary>In the order that they are shown in.</summary>
    public static IReadOnlyList<GuestContext> All { get; } = [Flat, Virgl, Venus, Amdgpu, I915, Msm, Asahi];
}
