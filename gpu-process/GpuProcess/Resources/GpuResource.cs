using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Replay;

namespace SplitVmm.GpuProcess.Resources;

/// <summary>A resource that the guest created and named. The renderer that made it adds where its pixels are.</summary>
internal abstract class GpuResource
{
    protected GpuResource(uint id, uint width, uint height, uint format)
    {
        Id = id;
        Width = width;
        Height = height;
        Format = format;
    }

    /// <summary>The guest's name for it, never 0.</summary>
    public uint Id { get; }

    /// <summary>Pixels; of a buffer, bytes.</summary>
    public uint Width { get; }

    public uint Height { get; }

    /// <summary>
    /// A <see cref="VirtioGpuFormats"/>, or for 3D resources any format of virglrenderer; the numbers agree.
    /// </summary>
    public uint Format { get; }

    /// <summary>The guest pages attached to it.</summary>
    public GuestBacking? Backing { get; set; }

    /// <summary>Bytes that it takes from the budget of 2D resources.</summary>
    public ulong HostBytes { get; init; }

    /// <summary>Whether two-dimensional, one level, and of a size that a scanout rectangle may refer to.</summary>
    public bool IsPicture { get; init; } = true;

    /// <summary>Bit n: scanout n shows a part of it.</summary>
    public uint Scanouts { get; set; }

    /// <summary>What VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID gave out.</summary>
    public Guid? Uuid { get; set; }

    /// <summary>Where its contents came from; null: from nowhere yet, or nobody keeps note.</summary>
    public UploadSet? Uploads { get; set; }

    /// <summary>Contents that the journal itself holds; null: none.</summary>
    public TileSet? Tiles { get; set; }

    /// <summary>Contexts that it is attached to.</summary>
    public List<uint> Contexts { get; } = [];

    /// <summary>Its picture as a dma-buf, or why there is none; null: nobody wanted one yet.</summary>
    public PictureExport? Export { get; set; }

    /// <summary>Lets go of the dma-buf; the display may keep it.</summary>
    public void DropExport()
    {
        Export?.Picture?.Dispose();
        Export = null;
    }

    /// <summary>Made by VIRTIO_GPU_CMD_RESOURCE_CREATE_3D.</summary>
    public bool Is3d { get; init; }
}
