using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Virtio.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.DmaBufs;

/// <summary>
/// Pictures of resources as dma-bufs: the renderer's own, and by <c>/dev/udmabuf</c> pages of the guest and of memfds. Each is
/// made when it is first wanted and kept with its resource, and so is a failure.
/// </summary>
/// <param name="udmabuf">Null: only what the renderer exports.</param>
/// <param name="noUdmabuf">Why there is none.</param>
internal sealed class PictureExports(IRenderer renderer, Udmabuf? udmabuf, string noUdmabuf) : IDisposable
{
    private const ulong PageSize = 4096;

    private readonly UdmabufCreateItem[] _items = new UdmabufCreateItem[Udmabuf.MaxItems];

    /// <summary>Where the guest's pages are.</summary>
    public GuestMemory Memory { get; set; } = GuestMemory.CreateEmpty();

    /// <summary>The picture of a scanout's resource.</summary>
    /// <param name="layout">How it lies in the resource, if that is a blob.</param>
    /// <param name="why">If there is none: the reason, in one line.</param>
    public ExportedPicture? TryGet(GpuResource resource, in BlobLayout? layout, out string why)
    {
        if (resource.Export is not { } export || export.Layout != layout)
        {
            resource.Export?.Picture?.Dispose();
            ExportedPicture? picture = layout is { } inBlob
                ? TryExport((BlobResource)resource, in inBlob, out why)
                : TryExport(resource, out why);
            resource.Export = export = new PictureExport(picture, layout, why);
        }

        why = export.Why;
        return export.Picture;
    }

    /// <summary>Before a picture is shown: what was drawn in it has to be there.</summary>
    public void Flush(GpuResource resource)
    {
        if (resource is not BlobResource && renderer is IPictureExporter exporter)
        {
            exporter.FlushPictures();
        }
    }

    public void Dispose() => udmabuf?.Dispose();

    private ExportedPicture? TryExport(GpuResource resource, out string why)
    {
        if (renderer is IPictureExporter exporter)
        {
            return exporter.TryExportPicture(resource, out why);
        }

        why = "2D resources are memory of gpu-process; a guest that makes blobs of its own (--gpu blob=on) has pages to show";
        return null;
    }

    private ExportedPicture? TryExport(BlobResource blob, in BlobLayout layout, out string why)
    {
        Descriptor? file = TryExport(blob, out bool isOrdinary, out why);
        return file is null
            ? null
            : new ExportedPicture([file])
            {
                Format = PixelFormats.ToFourcc(layout.Format),
                // What else the guest's driver may have chosen, SET_SCANOUT_BLOB has no place to say.
                Modifier = DrmModifiers.DRM_FORMAT_MOD_LINEAR,
                Flags = ScanoutFlags.Y0Top,
                Planes = [new DmaBufPlane { Offset = layout.Offset, Stride = layout.Stride }],
                IsOrdinaryMemory = isOrdinary,
            };
    }

    private Descriptor? TryExport(BlobResource blob, out bool isOrdinary, out string why)
    {
        isOrdinary = true;
        if (blob.Backing is { } backing)
        {
            return TryList(backing, out int count, out why) ? TryMake(count, out why) : null;
        }

        if (blob.Memory is { } memory)
        {
            return TryMake(memory.File, blob.MappedSize, out why);
        }

        if (renderer is not IBlobRenderer blobs || !blobs.TryExport(blob, out Descriptor? file, out _, out why))
        {
            why = "the renderer does not give the blob to another process";
            return null;
        }

        if (FileSystems.MagicOf(file) == FileSystems.DMA_BUF_MAGIC)
        {
            isOrdinary = false;
            return file;
        }

        using (file)
        {
            return TryMake(file, blob.MappedSize, out why);
        }
    }

    private Descriptor? TryMake(Descriptor memfd, ulong size, out string why)
    {
        _items[0] = new UdmabufCreateItem { Memfd = (uint)memfd.Number, Size = size };
        return TryMake(1, out why);
    }

    private Descriptor? TryMake(int count, out string why)
    {
        why = noUdmabuf;
        return udmabuf?.TryCreate(_items.AsSpan(0, count), out why);
    }

    /// <summary>Lists the guest's pages; neighbours become one item.</summary>
    private bool TryList(GuestBacking backing, out int count, out string why)
    {
        count = 0;
        foreach (ref readonly VirtioGpuMemEntry entry in backing.Entries)
        {
            ulong address = entry.Addr;
            ulong left = entry.Length;
            while (left > 0)
            {
                if (Memory.FindRegion(address) is not { File: { } file } region)
                {
                    why = "the front end's memory came without a file";
                    return false;
                }

                ulong offset = address - region.GuestAddress;
                ulong part = Math.Min(left, region.Size - offset);
                ulong start = region.FileOffset + offset;
                if (start % PageSize != 0 || part % PageSize != 0)
                {
                    why = "the guest's picture does not lie in whole pages";
                    return false;
                }

                if (!TryAdd(ref count, (uint)file.Number, start, part))
                {
                    why = $"the guest's picture lies in more than {Udmabuf.MaxItems} pieces, which {Udmabuf.Path} does not take";
                    return false;
                }

                address += part;
                left -= part;
            }
        }

        why = "";
        return count > 0;
    }

    private bool TryAdd(ref int count, uint memfd, ulong offset, ulong size)
    {
        if (count > 0)
        {
            ref UdmabufCreateItem last = ref _items[count - 1];
            if (last.Memfd == memfd && last.Offset + last.Size == offset)
            {
                last.Size += size;
                return true;
            }
        }

        if (count == _items.Length)
        {
            return false;
        }

        _items[count++] = new UdmabufCreateItem { Memfd = memfd, Offset = offset, Size = size };
        return true;
    }
}
