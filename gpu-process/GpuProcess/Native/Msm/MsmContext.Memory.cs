using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using static SplitVmm.GpuProcess.Native.Msm.MsmUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Msm;

/// <summary>Objects: made with an address on the GPU that the guest chooses, named, filled, waited for.</summary>
internal sealed unsafe partial class MsmContext
{
    private int GemNew(in NativeCommand command)
    {
        MsmCcmdGemNewReq request = command.Read<MsmCcmdGemNewReq>();
        ulong size = RoundUp(request.Size);
        if ((request.Flags & ~MSM_BO_FLAGS) != 0 || !IsAddress(request.Iova, size))
        {
            return EINVAL;
        }

        if (!Objects.MayMake(request.BlobId, size))
        {
            return ENOMEM;
        }

        var create = new DrmMsmGemNew { Size = size, Flags = request.Flags };
        int error = File.Ioctl(DRM_IOCTL_MSM_GEM_NEW, ref create);
        if (error != 0)
        {
            return error;
        }

        error = SetIova(create.Handle, request.Iova);
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
            Cache = (request.Flags & MSM_BO_CACHED_COHERENT) != 0
                ? VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED
                : VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC,
        });
        return 0;
    }

    private int GemSetIova(in NativeCommand command)
    {
        MsmCcmdGemSetIovaReq request = command.Read<MsmCcmdGemSetIovaReq>();
        return !Objects.TryGet(request.ResId, out GemObject? found) ? ENOENT
            : request.Pad != 0 || (request.Iova != 0 && !IsAddress(request.Iova, found.Size)) ? EINVAL
            : SetIova(found.Handle, request.Iova);
    }

    /// <summary>Waiting must not hold up others: what is in use is EBUSY, and the guest asks again.</summary>
    private int GemCpuPrep(in NativeCommand command)
    {
        MsmCcmdGemCpuPrepReq request = command.Read<MsmCcmdGemCpuPrepReq>();
        if (!TryAnswer<MsmCcmdRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        int error = EINVAL;
        if ((request.Op & ~(MSM_PREP_READ | MSM_PREP_WRITE | MSM_PREP_NOSYNC)) == 0 && Objects.TryGet(request.ResId, out GemObject? found))
        {
            var prepare = new DrmMsmGemCpuPrep { Handle = found.Handle, Op = request.Op | MSM_PREP_NOSYNC };
            error = File.Ioctl(DRM_IOCTL_MSM_GEM_CPU_PREP, ref prepare);
        }

        return Answer(answer, error);
    }

    private int GemSetName(in NativeCommand command)
    {
        MsmCcmdGemSetNameReq request = command.Read<MsmCcmdGemSetNameReq>();
        ReadOnlySpan<byte> name = command.TailOf<MsmCcmdGemSetNameReq>();
        if (request.Len > (uint)name.Length || request.Len >= MaxName || !Objects.TryGet(request.ResId, out GemObject? found))
        {
            return EINVAL;
        }

        fixed (byte* bytes = name)
        {
            // Our copy of the stream, of which Len bytes were checked to be there.
            var info = new DrmMsmGemInfo { Handle = found.Handle, Info = MSM_INFO_SET_NAME, Value = (ulong)bytes, Len = request.Len };
            return File.Ioctl(DRM_IOCTL_MSM_GEM_INFO, ref info);
        }
    }

    private int GemUpload(in NativeCommand command)
    {
        MsmCcmdGemUploadReq request = command.Read<MsmCcmdGemUploadReq>();
        ReadOnlySpan<byte> bytes = command.TailOf<MsmCcmdGemUploadReq>();
        if (request.Pad != 0 || request.Len > (uint)bytes.Length || !Objects.TryGet(request.ResId, out GemObject? found)
            || (ulong)request.Off + request.Len > found.Size)
        {
            return EINVAL;
        }

        int error = File.ExportGem(found.Handle, Descriptors, out PooledDescriptor file);
        using (file)
        {
            return error != 0 ? error : SharedMapping.Write(file.Descriptor, request.Off, bytes[..(int)request.Len]);
        }
    }

    private int SetIova(uint handle, ulong iova)
    {
        var info = new DrmMsmGemInfo { Handle = handle, Info = MSM_INFO_SET_IOVA, Value = iova };
        return File.Ioctl(DRM_IOCTL_MSM_GEM_INFO, ref info);
    }

    /// <summary>Whether so many bytes lie in what the kernel leaves to user space.</summary>
    private bool IsAddress(ulong iova, ulong size) => iova % 4096 == 0 && iova != 0 && iova >= capset.VaStart
        && size <= capset.VaSize && iova - capset.VaStart <= capset.VaSize - size;
}
