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
    private readonly List<(Descriptor Buffer, bool Writes)> _external = [];

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
            if (error == 0)
            {
                error = Submit(request, buffer, syncs, ref made, out Descriptor? fence);
                if (fence is not null)
                {
                    Note(ring, fence);
                }
            }

            return error;
        }
        finally
        {
            foreach (ref DrmAsahiSync sync in syncs[..made])
            {
                HasLeftovers |= File.DestroySyncobj(sync.Handle) != 0;
            }

            foreach ((Descriptor external, _) in _external)
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

            int error = File.ExportGem(found.Handle, out Descriptor? shared);
            if (error != 0)
            {
                return error;
            }

            _external.Add((shared!, (resource.Flags & ASAHI_EXTRES_WRITE) != 0));
            if ((resource.Flags & ASAHI_EXTRES_READ) == 0)
            {
                continue;
            }

            error = File.FenceOfBuffer(shared!, DmaBuf.DMA_BUF_SYNC_RW, out Descriptor? fence);
            using (fence)
            {
                error = error == 0 ? Add(syncs, ref made) : error;
                error = error == 0 ? File.ImportSyncFile(syncs[made - 1].Handle, fence!) : error;
            }

            if (error != 0)
            {
                return error;
            }
        }

        return 0;
    }

    private int Submit(
        in AsahiCcmdSubmitReq request, ReadOnlySpan<byte> buffer, Span<DrmAsahiSync> syncs, ref int made, out Descriptor? fence)
    {
        fence = null;
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
            error = File.Ioctl(DRM_IOCTL_ASAHI_SUBMIT, ref submit);
        }

        return error == 0 ? File.ExportSyncFile(syncs[made - 1].Handle, out fence) : error;
    }

    private void Note(uint ring, Descriptor fence)
    {
        foreach ((Descriptor external, bool writes) in _external)
        {
            if (writes)
            {
                // Without it others may read too early; the work itself is on its way.
                _ = File.AddFenceToBuffer(external, DmaBuf.DMA_BUF_SYNC_WRITE, fence);
            }
        }

        if (ring != MesaRing)
        {
            Submitted(MesaRing, fence.Duplicate());
        }

        Submitted(ring, fence);
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
