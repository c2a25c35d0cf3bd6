using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Protocol;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Asahi;

/// <summary>Objects, and where they are in address spaces.</summary>
internal sealed unsafe partial class AsahiContext
{
    /// <summary>What binding ever looked at: flags and a handle. The shortest that a guest may know.</summary>
    private const int ShortestBind = 8;

    private const uint AllBindFlags = DRM_ASAHI_BIND_UNBIND | DRM_ASAHI_BIND_READ | DRM_ASAHI_BIND_WRITE | DRM_ASAHI_BIND_SINGLE_PAGE;

    private readonly NativeScratch _binds = new();

    /// <summary>Makes an object, and binds it if the guest says where.</summary>
    private int GemNew(in NativeCommand command)
    {
        AsahiCcmdGemNewReq request = command.Read<AsahiCcmdGemNewReq>();
        ulong size = RoundUp(request.Size);
        bool isPrivate = (request.Flags & DRM_ASAHI_GEM_VM_PRIVATE) != 0;
        if ((request.Flags & ~(DRM_ASAHI_GEM_WRITEBACK | DRM_ASAHI_GEM_VM_PRIVATE)) != 0
            || ((isPrivate || request.Addr != 0) && !_spaces.Contains(request.VmId))
            || (request.BindFlags & ~(DRM_ASAHI_BIND_READ | DRM_ASAHI_BIND_WRITE)) != 0
            || request.Addr % PageSize != 0 || size > ulong.MaxValue - request.Addr)
        {
            return EINVAL;
        }

        if (!Objects.MayMake(request.BlobId, size))
        {
            return ENOMEM;
        }

        var create = new DrmAsahiGemCreate { Size = size, Flags = request.Flags, VmId = isPrivate ? request.VmId : 0 };
        int error = File.Ioctl(DRM_IOCTL_ASAHI_GEM_CREATE, ref create);
        if (error != 0)
        {
            return error;
        }

        if (request.Addr != 0)
        {
            _binds.Take<DrmAsahiGemBindOp>(1)[0] = new DrmAsahiGemBindOp
            {
                Flags = request.BindFlags,
                Handle = create.Handle,
                Range = size,
                Addr = request.Addr,
            };
            error = Bind(request.VmId, 1);
        }

        if (error != 0)
        {
            Objects.Close(create.Handle);
            return error;
        }

        Objects.Made(new GemObject
        {
            Handle = create.Handle,
            Size = size,
            BlobId = request.BlobId,
            IsOwn = true,
            IsPrivate = isPrivate,
            Cache = (request.Flags & DRM_ASAHI_GEM_WRITEBACK) != 0
                ? VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED
                : VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC,
        });
        return 0;
    }

    private int VmBind(in NativeCommand command)
    {
        AsahiCcmdVmBindReq request = command.Read<AsahiCcmdVmBindReq>();
        ReadOnlySpan<byte> tail = command.TailOf<AsahiCcmdVmBindReq>();
        if (!_spaces.Contains(request.VmId) || request.Count == 0 || request.Stride < ShortestBind
            || (ulong)request.Stride * request.Count != (ulong)tail.Length)
        {
            return EINVAL;
        }

        Span<DrmAsahiGemBindOp> binds = _binds.Take<DrmAsahiGemBindOp>((int)request.Count);
        foreach (ref DrmAsahiGemBindOp bind in binds)
        {
            ReadOnlySpan<byte> one = tail[..(int)request.Stride];
            int known = Math.Min(one.Length, sizeof(DrmAsahiGemBindOp));
            one[..known].CopyTo(MemoryMarshal.AsBytes(new Span<DrmAsahiGemBindOp>(ref bind)));
            // What a newer guest says beyond that is understood only where it says nothing.
            if (!IsZero(one[known..]) || !TryTranslate(ref bind))
            {
                return EINVAL;
            }

            tail = tail[one.Length..];
        }

        return Bind(request.VmId, request.Count);
    }

    /// <summary>Checks one bind, and puts the kernel's handle where the guest has a resource.</summary>
    private bool TryTranslate(ref DrmAsahiGemBindOp bind)
    {
        if ((bind.Flags & ~AllBindFlags) != 0 || bind.Range == 0
            || (bind.Offset | bind.Range | bind.Addr) % PageSize != 0 || bind.Range > ulong.MaxValue - bind.Addr)
        {
            return false;
        }

        if ((bind.Flags & DRM_ASAHI_BIND_UNBIND) != 0)
        {
            bind.Handle = 0;
            bind.Offset = 0;
            return true;
        }

        if (!Objects.TryGet(bind.Handle, out GemObject? found))
        {
            return false;
        }

        ulong length = (bind.Flags & DRM_ASAHI_BIND_SINGLE_PAGE) != 0 ? PageSize : bind.Range;
        // The kernel's pages are larger than the guest's may be.
        ulong size = (found.Size + PageSize - 1) & ~(PageSize - 1);
        bind.Handle = found.Handle;
        return length <= size && bind.Offset <= size - length;
    }

    /// <summary>Carries out what stands in <see cref="_binds"/>.</summary>
    private int Bind(uint space, uint count)
    {
        var request = new DrmAsahiVmBind
        {
            VmId = space,
            NumBinds = count,
            Stride = (uint)sizeof(DrmAsahiGemBindOp),
            Userptr = _binds.Address,
        };
        return File.Ioctl(DRM_IOCTL_ASAHI_VM_BIND, ref request);
    }

    /// <summary>Makes or ends a special object: memory that timestamps are written to.</summary>
    private int GemBindObject(in NativeCommand command)
    {
        DrmAsahiGemBindObject request = command.Read<AsahiCcmdGemBindObjectReq>().Bind;
        if (request.Op == DRM_ASAHI_BIND_OBJECT_OP_UNBIND)
        {
            return Unbind(request);
        }

        if (request.Op != DRM_ASAHI_BIND_OBJECT_OP_BIND)
        {
            return EINVAL;
        }

        if (!TryAnswer<AsahiCcmdGemBindObjectRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        int error = BindObject(ref request);
        MemoryMarshal.Write(answer, new AsahiCcmdGemBindObjectRsp
        {
            Ret = error == 0 ? 0 : Refused(error),
            ObjectHandle = error == 0 ? request.ObjectHandle : 0,
        });
        return 0;
    }

    private int BindObject(ref DrmAsahiGemBindObject request)
    {
        if ((request.Flags & ~DRM_ASAHI_BIND_OBJECT_USAGE_TIMESTAMPS) != 0 || request.VmId != 0 || request.ObjectHandle != 0
            || request.Pad != 0 || !Objects.TryGet(request.Handle, out GemObject? found)
            || request.Range == 0 || request.Range > found.Size || request.Offset > found.Size - request.Range)
        {
            return EINVAL;
        }

        if (_boundObjects.Count >= Limits.MaxBoundObjects)
        {
            return ENOSPC;
        }

        request.Handle = found.Handle;
        int error = File.Ioctl(DRM_IOCTL_ASAHI_GEM_BIND_OBJECT, ref request);
        if (error == 0)
        {
            _ = _boundObjects.Add(request.ObjectHandle);
        }

        return error;
    }

    private int Unbind(in DrmAsahiGemBindObject request)
    {
        if (!_boundObjects.Contains(request.ObjectHandle))
        {
            return ENOENT;
        }

        var unbind = new DrmAsahiGemBindObject { Op = DRM_ASAHI_BIND_OBJECT_OP_UNBIND, ObjectHandle = request.ObjectHandle };
        int error = File.Ioctl(DRM_IOCTL_ASAHI_GEM_BIND_OBJECT, ref unbind);
        if (error == 0)
        {
            _ = _boundObjects.Remove(request.ObjectHandle);
        }

        return error;
    }
}
