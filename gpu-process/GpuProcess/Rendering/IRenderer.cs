using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Rendering;

/// <summary>
/// Where resources have their pixels. The callers have looked ids up, checked limits and rectangles; an
/// implementation checks what only it knows. Guests' mistakes come back as
/// <c>VIRTIO_GPU_RESP_ERR_*</c>. All calls come from one thread.
/// </summary>
internal interface IRenderer : IDisposable
{
    RendererIdentity Identity { get; }

    /// <summary>Makes a 2D resource of a known format, filled with zeroes.</summary>
    VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request, ulong hostBytes, out GpuResource? resource);

    /// <summary>Frees the pixels. The backing has been detached before.</summary>
    void Destroy(GpuResource resource);

    /// <summary>Takes notice of the backing, which stays where it is until <see cref="DetachBacking"/>.</summary>
    VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing);

    /// <summary>After this the renderer no longer knows the backing.</summary>
    void DetachBacking(GpuResource resource);

    /// <summary>Copies a rectangle from the backing. It lies inside the resource, and the resource has a backing.</summary>
    VirtioGpuCtrlType TransferToHost2d(GpuResource resource, in VirtioGpuTransferToHost2d request);

    /// <summary>Copies a rectangle of the picture, top row first, to memory of the host.</summary>
    /// <param name="area">Lies inside the resource.</param>
    /// <param name="destination">Where the rectangle's first pixel goes.</param>
    /// <param name="stride">Bytes from one row of the destination to the next, at least the rectangle's.</param>
    /// <returns>False if the renderer could not read the resource.</returns>
    unsafe bool TryReadPixels(GpuResource resource, in VirtioGpuRect area, byte* destination, uint stride);

    /// <summary>Back to the state after start; the resources have been destroyed one by one before.</summary>
    void Reset();
}
