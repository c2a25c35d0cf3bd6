using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Rendering;

/// <summary>A renderer that also has contexts, 3D resources and fences (VIRTIO_GPU_F_VIRGL).</summary>
internal interface IRenderer3d : IRenderer
{
    /// <summary>The capability sets on offer, by capset index.</summary>
    ReadOnlySpan<Capset> Capsets { get; }

    /// <summary>Writes a set that <see cref="Capsets"/> has.</summary>
    /// <param name="destination">As many bytes as the set's size.</param>
    void FillCapset(in Capset capset, uint version, Span<byte> destination);

    /// <param name="type">Of a set in <see cref="Capsets"/>.</param>
    /// <param name="name">For debugging; any bytes.</param>
    VirtioGpuCtrlType CreateContext(uint context, VirtioGpuCapsetId type, ReadOnlySpan<byte> name);

    void DestroyContext(uint context);

    void AttachToContext(uint context, GpuResource resource);

    void DetachFromContext(uint context, GpuResource resource);

    VirtioGpuCtrlType Create3d(in VirtioGpuResourceCreate3d request, out GpuResource? resource);

    /// <summary>Copies from the attached backing into the resource. The context in the header exists or is 0.</summary>
    VirtioGpuCtrlType TransferToHost3d(GpuResource resource, in VirtioGpuTransferHost3d request);

    /// <summary>Fills a part of the resource with bytes of our own.</summary>
    VirtioGpuCtrlType Fill(GpuResource resource, in VirtioGpuTransferHost3d request, ReadOnlySpan<byte> contents);

    /// <summary>Copies from the resource into the attached backing. The context in the header exists or is 0.</summary>
    VirtioGpuCtrlType TransferFromHost3d(GpuResource resource, in VirtioGpuTransferHost3d request);

    /// <param name="stream">Nobody else writes to it during the call; aligned to 8 bytes.</param>
    /// <param name="bytes">A multiple of 4.</param>
    unsafe VirtioGpuCtrlType Submit(uint context, void* stream, uint bytes);

    /// <summary>
    /// Puts a fence behind all work so far. It may be reported retired from another thread before this returns.
    /// </summary>
    /// <returns>False if the renderer refused; then it will not be reported.</returns>
    bool TryCreateFence(uint fence);

    /// <summary>The same behind the work of one ring of a context that exists.</summary>
    /// <param name="timeline">Not the global one.</param>
    bool TryCreateContextFence(FenceTimelineId timeline, uint fence);

    /// <summary>Readable when <see cref="Poll"/> has to be called; null if there is no such descriptor.</summary>
    Descriptor? PollDescriptor { get; }

    /// <summary>Whether fences retire only by <see cref="Poll"/>, which is then called often while any is pending.</summary>
    bool MustPoll { get; }

    /// <summary>Lets the renderer look for completed work.</summary>
    void Poll();
}
