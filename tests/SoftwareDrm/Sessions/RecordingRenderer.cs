using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.SoftwareDrm.Sessions;

/// <summary>Stands before the native contexts and writes down what guests ask of them (<see cref="SessionFile"/>).</summary>
/// <param name="inner">Owned from here on, as <paramref name="file"/> is.</param>
internal sealed unsafe class RecordingRenderer(NativeRenderer inner, Stream file) : IRenderer3d, IBlobRenderer
{
    private readonly HashSet<uint> _contexts = [];

    public RendererIdentity Identity => inner.Identity;

    public ReadOnlySpan<Capset> Capsets => inner.Capsets;

    public Descriptor? PollDescriptor => inner.PollDescriptor;

    public bool MustPoll => inner.MustPoll;

    public void FillCapset(in Capset capset, uint version, Span<byte> destination) => inner.FillCapset(capset, version, destination);

    public VirtioGpuCtrlType CreateContext(uint context, VirtioGpuCapsetId type, ReadOnlySpan<byte> name)
    {
        // One without a type is none of the driver's.
        if (type != VirtioGpuCapsetId.None)
        {
            _ = _contexts.Add(context);
            Note(new SessionEvent(SessionEventKind.CreateContext, context));
        }

        return inner.CreateContext(context, type, name);
    }

    public void DestroyContext(uint context)
    {
        if (_contexts.Remove(context))
        {
            Note(new SessionEvent(SessionEventKind.DestroyContext, context));
        }

        inner.DestroyContext(context);
    }

    public void AttachToContext(uint context, GpuResource resource)
    {
        NoteOf(context, resource, SessionEventKind.Attach);
        inner.AttachToContext(context, resource);
    }

    public void DetachFromContext(uint context, GpuResource resource)
    {
        NoteOf(context, resource, SessionEventKind.Detach);
        inner.DetachFromContext(context, resource);
    }

    public VirtioGpuCtrlType CreateBlob(in VirtioGpuResourceCreateBlob request, GuestBacking? backing, out BlobResource? resource)
    {
        if (request.BlobMem == VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_HOST3D)
        {
            Note(new SessionEvent(
                SessionEventKind.CreateBlob, request.Hdr.CtxId, request.ResourceId, request.BlobId, request.Size, (uint)request.BlobFlags, []));
        }

        return inner.CreateBlob(request, backing, out resource);
    }

    public bool TryExport(BlobResource resource, [NotNullWhen(true)] out Descriptor? exported, out VirtioGpuMapInfo cache, out string why)
    {
        if (resource is NativeBlob)
        {
            Note(new SessionEvent(SessionEventKind.Export, 0, resource.Id));
        }

        return inner.TryExport(resource, out exported, out cache, out why);
    }

    public VirtioGpuCtrlType Submit(uint context, void* stream, uint bytes)
    {
        // The caller's own copy, of so many bytes.
        Note(new SessionEvent(context, new ReadOnlySpan<byte>(stream, (int)bytes)));
        return inner.Submit(context, stream, bytes);
    }

    public bool TryCreateFence(uint fence) => inner.TryCreateFence(fence);

    public bool TryCreateContextFence(FenceTimelineId timeline, uint fence)
    {
        Note(new SessionEvent(SessionEventKind.Fence, timeline.Context, timeline.Ring));
        return inner.TryCreateContextFence(timeline, fence);
    }

    public void Poll() => inner.Poll();

    public VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request, ulong hostBytes, out GpuResource? resource) =>
        inner.Create2d(request, hostBytes, out resource);

    public void Destroy(GpuResource resource)
    {
        if (resource is NativeBlob)
        {
            Note(new SessionEvent(SessionEventKind.DestroyResource, 0, resource.Id));
        }

        inner.Destroy(resource);
    }

    public VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing) => inner.AttachBacking(resource, backing);

    public void DetachBacking(GpuResource resource) => inner.DetachBacking(resource);

    public VirtioGpuCtrlType TransferToHost2d(GpuResource resource, in VirtioGpuTransferToHost2d request) => inner.TransferToHost2d(resource, request);

    public bool TryReadPixels(GpuResource resource, in VirtioGpuRect area, byte* destination, uint stride) =>
        inner.TryReadPixels(resource, area, destination, stride);

    public VirtioGpuCtrlType Create3d(in VirtioGpuResourceCreate3d request, out GpuResource? resource) => inner.Create3d(request, out resource);

    public VirtioGpuCtrlType TransferToHost3d(GpuResource resource, in VirtioGpuTransferHost3d request) => inner.TransferToHost3d(resource, request);

    public VirtioGpuCtrlType Fill(GpuResource resource, in VirtioGpuTransferHost3d request, ReadOnlySpan<byte> contents) =>
        inner.Fill(resource, request, contents);

    public VirtioGpuCtrlType TransferFromHost3d(GpuResource resource, in VirtioGpuTransferHost3d request) => inner.TransferFromHost3d(resource, request);

    public void Reset() => inner.Reset();

    public void Dispose()
    {
        inner.Dispose();
        file.Dispose();
    }

    private void NoteOf(uint context, GpuResource resource, SessionEventKind kind)
    {
        if (resource is NativeBlob && _contexts.Contains(context))
        {
            Note(new SessionEvent(kind, context, resource.Id));
        }
    }

    private void Note(SessionEvent done) => SessionFile.Write(file, done);
}
