using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Native.Uapi;
using SplitVmm.Platform.Descriptors;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmdSubmitRes;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Asahi;

/// <summary>Submissions. The kernel's driver knows no implicit fences, so that shared resources are waited for here.</summary>
internal sealed unsafe partial class AsahiContext
{
    /// <summary>The ring that Mesa waits on, whatever the queue's priority is.</summary>
    private const uint MesaRing = 1;

    private readonly NativeScratch _syncs = new();
    private readonly List<(PooledDescriptor Buffer, bool Writes)> _external = [];

    private int Submit(in NativeCommand command)
    {
        AsahiCcmdSubmitReq request = command.Read<AsahiCcmdSubmitReq>();
        ReadOnlySpan<byte> tail = command.TailOf<AsahiCcmdSubmitReq>();
        if (request.Flags != 0 || !_queues.TryGetValue(request.QueueId, out uint ring)
            || request.ExtresCount > (uint)Limits.MaxExternal || request.CmdbufSize > (uint)tail.Length
            || (ulong)request.ExtresCount * (uint)sizeof(AsahiCcmdSubmitRes) != (uint)tail.Length - request.CmdbufSize)
        {
            return EINVAL;
        }

        ReadOnlySpan<byte> buffer = tail[..(int)request.CmdbufSize];
        if (!AsahiCommandBuffer.IsWellFormed(buffer, _boundObjects))
        {
            return EINVAL;
        }

        if (!HasRoomForSubmission())
        {
            return EBUSY;
        }

        Span<DrmAsahiSync> syncs = _syncs.Take<DrmAsahiSync>((int)request.ExtresCount + 1);
        int made = 0;
        try
        {
            int error = TakeExternal(tail[buffer.Length..], syncs, ref made);
            error = error == 0 ? Submit(request, buffer, syncs, ref made) : error;
            return error == 0 ? Note(ring, syncs[made - 1].Handle) : error;
        }
        finally
        {
            foreach (ref DrmAsahiSync sync in syncs[..made])
            {
                HasLeftovers |= File.DestroySyncobj(sync.Handle) != 0;
            }

            foreach ((PooledDescriptor external, _) in _external)
            {
                external.Dispose();
            }

            _external.Clear();
        }
    }

    /// <summary>Finds what the work has to wait for.</summary>
    private int TakeExternal(ReadOnlySpan<byte> list, Span<DrmAsahiSync> syncs, ref int made)
    {
        while (NativeCommand.TryTake(ref list, out AsahiCcmdSubmitRes resource))
        {
            if ((resource.Flags & ~(ASAHI_EXTRES_READ | ASAHI_EXTRES_WRITE)) != 0
                || !Objects.TryGet(resource.ResId, out GemObject? found) || found.IsPrivate)
            {
                return EINVAL;
            }

            int error = File.ExportGem(found.Handle, Descriptors, out PooledDescriptor shared);
            if (error != 0)
            {
                return error;
            }

            _external.Add((shared, (resource.Flags & ASAHI_EXTRES_WRITE) != 0));
            if ((resource.Flags & ASAHI_EXTRES_READ) == 0)
            {
                continue;
            }

            error = File.FenceOfBuffer(shared.Descriptor, DmaBuf.DMA_BUF_SYNC_RW, Descriptors, out PooledDescriptor fence);
            using (fence)
            {
                error = error == 0 ? Add(syncs, ref made) : error;
                error = error == 0 ? File.ImportSyncFile(syncs[made - 1].Handle, fence.Descriptor) : error;
            }

            if (error != 0)
            {
                return error;
            }
        }

        return 0;
    }

    /// <summary>Hands the work to the kernel, which puts its fence into the last of the synchronisation objects.</summary>
    private int Submit(in AsahiCcmdSubmitReq request, ReadOnlySpan<byte> buffer, Span<DrmAsahiSync> syncs, ref int made)
    {
        int error = Add(syncs, ref made);
        if (error != 0)
        {
            return error;
        }

        fixed (byte* commands = buffer)
        {
            // Our copy of the stream, which stays where it is during the call; the syncs are the scratch's.
            var submit = new DrmAsahiSubmit
            {
                Syncs = _syncs.Address,
                Cmdbuf = (ulong)commands,
                QueueId = request.QueueId,
                InSyncCount = (uint)made - 1,
                OutSyncCount = 1,
                CmdbufSize = request.CmdbufSize,
            };
            return File.Ioctl(DRM_IOCTL_ASAHI_SUBMIT, ref submit);
        }
    }

    /// <summary>Lets resources and rings wait for the work that a synchronisation object has the fence of.</summary>
    private int Note(uint ring, uint syncobj)
    {
        int error = File.ExportSyncFile(syncobj, Descriptors, out PooledDescriptor fence);
        if (error != 0)
        {
            return error;
        }

        foreach ((PooledDescriptor external, bool writes) in _external)
        {
            if (writes)
            {
                // Without it others may read too early; the work itself is on its way.
                _ = File.AddFenceToBuffer(external.Descriptor, DmaBuf.DMA_BUF_SYNC_WRITE, fence.Descriptor);
            }
        }

        Submitted(ring, fence);
        if (ring == MesaRing)
        {
            return 0;
        }

        // A file of its own, for each ring closes its own.
        error = File.ExportSyncFile(syncobj, Descriptors, out fence);
        if (error == 0)
        {
            Submitted(MesaRing, fence);
        }

        return error;
    }

    private int Add(Span<DrmAsahiSync> syncs, ref int made)
    {
        int error = File.CreateSyncobj(out uint handle);
        if (error == 0)
        {
            syncs[made++] = new DrmAsahiSync { SyncType = DRM_ASAHI_SYNC_SYNCOBJ, Handle = handle };
        }

        return error;
    }
}
