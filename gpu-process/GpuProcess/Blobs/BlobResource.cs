using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Blobs;

/// <summary>
/// A resource that is memory without a format (VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB). Its pages are the guest's
/// (<see cref="GpuResource.Backing"/>), ours (<see cref="Memory"/>), or the renderer's.
/// </summary>
internal unsafe class BlobResource : GpuResource
{
    public const ulong PageSize = 4096;

    public BlobResource(uint id, VirtioGpuBlobMem mem, VirtioGpuBlobFlags flags, ulong size)
        : base(id, 0, 0, 0)
    {
        Mem = mem;
        Flags = flags;
        Size = size;
        IsPicture = false;
    }

    public VirtioGpuBlobMem Mem { get; }

    public VirtioGpuBlobFlags Flags { get; }

    /// <summary>Bytes that the guest asked for.</summary>
    public ulong Size { get; }

    /// <summary>The same in whole pages, as it is mapped.</summary>
    public ulong MappedSize => (Size + PageSize - 1) & ~(PageSize - 1);

    /// <summary>Memory that this process made for it; disposed with the resource.</summary>
    public BlobMemory? Memory { get; init; }

    /// <summary>Whether the renderer knows it by its id.</summary>
    public bool IsInRenderer { get; init; }

    /// <summary>The context that made it in the renderer; 0: none did.</summary>
    public uint ContextId { get; init; }

    /// <summary>The renderer's memory as this process sees it, once somebody looked at it; disposed with the resource.</summary>
    public BlobView? View { get; set; }

    /// <summary>
    /// Programs of the guest wait in it, without end, for the number of a command: the page of a native context. Wherever
    /// it is mapped, it has to be mapped again after a death of this process, or they would never go on.
    /// </summary>
    public bool IsWaitedIn { get; init; }

    /// <summary>Where in the host-visible window it is mapped; null: nowhere.</summary>
    public ulong? MappedAt { get; set; }

    /// <summary>Lets this process read the memory where it is not the guest's.</summary>
    /// <returns>At least <see cref="Size"/> bytes, until <see cref="EndReading"/>; null: it cannot be read.</returns>
    public virtual byte* BeginReading()
    {
        if (View is not { } view)
        {
            return Memory is { } memory ? memory.Pointer : null;
        }

        view.Begin();
        return view.Pointer;
    }

    /// <summary>Ends what <see cref="BeginReading"/> began, if that gave something.</summary>
    public virtual void EndReading() => View?.End();
}
