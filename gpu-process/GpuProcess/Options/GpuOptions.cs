using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Options;

/// <summary>What <c>--gpu key=value,…</c> sets; the keys are those of QEMU where QEMU has them.</summary>
public sealed record GpuOptions
{
    /// <summary><c>virgl</c>: whether 3D is offered; without it no graphics library is loaded.</summary>
    public bool Virgl { get; init; } = true;

    /// <summary><c>blob</c>: whether the guest may make resources that are plain memory (VIRTIO_GPU_F_RESOURCE_BLOB).</summary>
    public bool Blob { get; init; }

    /// <summary><c>hostmem</c>: bytes of the window that blobs are mapped into, a power of two; 0: there is none.</summary>
    public ulong Hostmem { get; init; }

    /// <summary><c>context-types</c>; null: not given, and the switches decide.</summary>
    public ContextTypes? ContextTypes { get; init; }

    /// <summary><c>venus</c>; null: not given.</summary>
    public bool? Venus { get; init; }

    /// <summary><c>drm_native_context</c>; null: not given.</summary>
    public bool? DrmNativeContext { get; init; }

    /// <summary><c>native</c>: whose the host half of native contexts is.</summary>
    public NativeProvider Native { get; init; }

    /// <summary>What <see cref="ContextTypes"/> and the switches come to.</summary>
    public ContextTypes Offered => ContextTypes
        ?? (Virgl ? Options.ContextTypes.Virgl | Options.ContextTypes.Virgl2 : Options.ContextTypes.None)
            | (Venus == true ? Options.ContextTypes.Venus : Options.ContextTypes.None)
            | (DrmNativeContext == true ? Options.ContextTypes.Drm : Options.ContextTypes.None);

    /// <summary><c>max_outputs</c>: scanouts, 1 to 16.</summary>
    public int MaxOutputs { get; init; } = 1;

    /// <summary><c>xres</c>: width in pixels of the first monitor until the display says its own.</summary>
    public uint Xres { get; init; } = 1280;

    /// <summary><c>yres</c>: its height.</summary>
    public uint Yres { get; init; } = 800;

    /// <summary><c>max_hostmem</c>: bytes that all 2D resources together may take.</summary>
    public ulong MaxHostmem { get; init; } = 256UL << 20;

    /// <summary><c>max_gpumem</c>: bytes that all objects of native contexts together may take; builtin provider only.</summary>
    public ulong MaxGpumem { get; init; } = 4UL << 30;

    /// <summary><c>max_replay</c>: bytes of the journal that the state of one context may take.</summary>
    public ulong MaxReplay { get; init; } = 4UL << 20;

    /// <summary><c>dmabuf</c>: whether pictures go to the display as dma-bufs where that is possible.</summary>
    public bool DmaBuf { get; init; } = true;

    /// <summary><c>edid</c>: whether monitors have an EDID.</summary>
    public bool Edid { get; init; } = true;

    /// <summary><c>drm_node</c>: the render node to use, a path or the GPU's PCI address; null: chosen.</summary>
    public string? DrmNode { get; init; }

    /// <summary><c>poll_us</c>: the most microseconds to look for further requests before sleeping.</summary>
    public int PollMicroseconds { get; init; } = 50;

    internal ResourceLimits ToLimits() => new() { MaxHostMemory = MaxHostmem, MaxReplayBytes = (long)MaxReplay };
}
