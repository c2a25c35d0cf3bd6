using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;

namespace SplitVmm.GpuProcess.Native;

/// <summary>A blob whose memory is a GEM object of a native context, or the page of one.</summary>
internal sealed unsafe class NativeBlob : BlobResource, IDisposable
{
    private readonly NativeContext _owner;
    private Descriptor? _kept;
    private Descriptor? _pixelsFile;
    private SharedMapping? _pixels;

    /// <param name="owner">The context that has made it.</param>
    /// <param name="gem">Null: it is the context's page.</param>
    public NativeBlob(in VirtioGpuResourceCreateBlob request, NativeContext owner, GemObject? gem)
        : base(request.ResourceId, request.BlobMem, request.BlobFlags, request.Size)
    {
        _owner = owner;
        Object = gem;
        Holders.Add(owner);
        IsInRenderer = true;
        IsWaitedIn = gem is null;
    }

    /// <summary>Null: it is the context's page.</summary>
    public GemObject? Object { get; }

    /// <summary>The contexts that have it.</summary>
    public List<NativeContext> Holders { get; } = [];

    /// <summary>It is kept by a descriptor, because no context has it any more.</summary>
    public bool IsKept => _kept is not null;

    /// <summary>Gives a descriptor of the memory that another process or context can use.</summary>
    public bool TryExport([NotNullWhen(true)] out Descriptor? file, out string why)
    {
        file = null;
        why = "no context has it any more";
        if (_kept is not null || (Object is null && Holders.Count > 0))
        {
            file = (_kept ?? _owner.Page!.File).Duplicate();
            return true;
        }

        return Object is not null && Holders.Count > 0 && Holders[0].TryExport(Id, out file, out why);
    }

    /// <summary>A context lets go of it.</summary>
    /// <param name="mayKeep">Whether it may cost a descriptor to keep the memory for contexts to come.</param>
    public void RemoveHolder(NativeContext context, bool mayKeep)
    {
        if (Holders.Contains(context))
        {
            bool isShareable = (Flags & VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE) != 0;
            if (Holders.Count == 1 && _kept is null && Object is not null && isShareable && mayKeep
                && TryExport(out Descriptor? kept, out _))
            {
                _kept = kept;
            }

            _ = Holders.Remove(context);
            context.Objects.Remove(Id);
        }
    }

    public override byte* BeginReading()
    {
        if (_pixels is null && Object is not null && TryExport(out Descriptor? file, out _))
        {
            try
            {
                _pixels = SharedMapping.Create(file, 0, (nuint)MappedSize, writable: false);
                _pixelsFile = file;
            }
            catch (ErrnoException)
            {
                // A driver whose buffers the processor cannot read.
                file.Dispose();
            }
        }

        if (_pixels is null)
        {
            return null;
        }

        _owner.File.SyncForReading(_pixelsFile!, begin: true);
        return _pixels.Pointer;
    }

    public override void EndReading() => _owner.File.SyncForReading(_pixelsFile!, begin: false);

    public void Dispose()
    {
        _pixels?.Dispose();
        _pixelsFile?.Dispose();
        _kept?.Dispose();
    }
}
