using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Protocol;
using static SplitVmm.GpuProcess.Native.I915.I915Uapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.I915;

/// <summary>Objects. Addresses on the GPU are given by submissions.</summary>
internal sealed unsafe partial class I915Context
{
    /// <summary>Bytes of a chain of extensions.</summary>
    private const int MaxChain = 8192;

    private readonly NativeScratch _chain = new();

    private int GemCreate(in NativeCommand command)
    {
        I915CcmdGemCreateReq request = command.Read<I915CcmdGemCreateReq>();
        ulong size = RoundUp(request.Size);
        if (request.Pad != 0)
        {
            return EINVAL;
        }

        if (!Objects.MayMake(request.BlobId, size))
        {
            return ENOMEM;
        }

        var create = new DrmI915GemCreate { Size = size };
        int error = File.Ioctl(DRM_IOCTL_I915_GEM_CREATE, ref create);
        return error != 0 ? error : Made(create.Handle, size, request.BlobId, VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED);
    }

    /// <summary>Makes an object with extensions, whose chain is linked here.</summary>
    private int GemCreateExt(in NativeCommand command)
    {
        I915CcmdGemCreateExtReq request = command.Read<I915CcmdGemCreateExtReq>();
        ReadOnlySpan<byte> tail = command.TailOf<I915CcmdGemCreateExtReq>();
        ulong size = RoundUp(request.Size);
        if (request.Pad != 0 || request.ExtSize != (uint)tail.Length || tail.Length > MaxChain
            || (request.GemFlags & ~I915_GEM_CREATE_EXT_FLAG_NEEDS_CPU_ACCESS) != 0)
        {
            return EINVAL;
        }

        Span<byte> chain = _chain.Take<byte>(tail.Length);
        tail.CopyTo(chain);
        if (!TryLinkExtensions(chain, out VirtioGpuMapInfo cache))
        {
            return EINVAL;
        }

        if (!Objects.MayMake(request.BlobId, size))
        {
            return ENOMEM;
        }

        var create = new DrmI915GemCreateExt
        {
            Size = size,
            Flags = request.GemFlags,
            Extensions = chain.Length == 0 ? 0 : _chain.Address,
        };
        int error = File.Ioctl(DRM_IOCTL_I915_GEM_CREATE_EXT, ref create);
        return error != 0 ? error : Made(create.Handle, size, request.BlobId, cache);
    }

    /// <summary>How the guest will map an object; before it does.</summary>
    private int SetMmapMode(in NativeCommand command)
    {
        I915CcmdGemReq request = command.Read<I915CcmdGemReq>();
        if (!Objects.TryGet(request.ResId, out GemObject? found))
        {
            return ENOENT;
        }

        VirtioGpuMapInfo? cache = request.Flags switch
        {
            I915_MMAP_OFFSET_GTT or I915_MMAP_OFFSET_WC or I915_MMAP_OFFSET_FIXED => VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC,
            I915_MMAP_OFFSET_WB => VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED,
            I915_MMAP_OFFSET_UC => VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_UNCACHED,
            _ => null,
        };
        found.Cache = cache ?? found.Cache;
        return cache is null ? EINVAL : 0;
    }

    /// <summary>Checks a chain of extensions, each with its data behind it, and links it.</summary>
    /// <param name="cache">How such an object is mapped.</param>
    private bool TryLinkExtensions(Span<byte> chain, out VirtioGpuMapInfo cache)
    {
        cache = VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED;
        int at = 0;
        while (at < chain.Length)
        {
            Span<byte> rest = chain[at..];
            if (!MemoryMarshal.TryRead(rest, out I915UserExtension link) || !IsPlain(link))
            {
                return false;
            }

            int length = link.Name == I915_GEM_CREATE_EXT_MEMORY_REGIONS ? LinkRegions(rest, at, ref cache) : CheckWord(rest, link.Name, ref cache);
            if (length == 0)
            {
                return false;
            }

            at += length;
            link.NextExtension = at < chain.Length ? _chain.Address + (ulong)at : 0;
            MemoryMarshal.Write(rest, link);
        }

        return true;
    }

    /// <returns>Bytes of the extension with its regions; 0: it is wrong.</returns>
    private int LinkRegions(Span<byte> rest, int at, ref VirtioGpuMapInfo cache)
    {
        if (!MemoryMarshal.TryRead(rest, out DrmI915GemCreateExtMemoryRegions regions) || regions.Pad != 0)
        {
            return 0;
        }

        ReadOnlySpan<DrmI915GemMemoryClassInstance> named =
            MemoryMarshal.Cast<byte, DrmI915GemMemoryClassInstance>(rest[sizeof(DrmI915GemCreateExtMemoryRegions)..]);
        if (regions.NumRegions == 0 || regions.NumRegions > (uint)named.Length)
        {
            return 0;
        }

        foreach (DrmI915GemMemoryClassInstance one in named[..(int)regions.NumRegions])
        {
            if (one.MemoryClass > I915_MEMORY_CLASS_DEVICE)
            {
                return 0;
            }

            cache = one.MemoryClass == I915_MEMORY_CLASS_DEVICE ? VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC : cache;
        }

        regions.Regions = _chain.Address + (ulong)(at + sizeof(DrmI915GemCreateExtMemoryRegions));
        MemoryMarshal.Write(rest, regions);
        return sizeof(DrmI915GemCreateExtMemoryRegions) + ((int)regions.NumRegions * sizeof(DrmI915GemMemoryClassInstance));
    }

    /// <returns>Bytes of an extension of one word; 0: it is wrong, or none that is known.</returns>
    private static int CheckWord(ReadOnlySpan<byte> rest, uint name, ref VirtioGpuMapInfo cache)
    {
        if (!MemoryMarshal.TryRead(rest, out DrmI915GemCreateExtWord word) || word.Rsvd != 0)
        {
            return 0;
        }

        switch (name)
        {
            case I915_GEM_CREATE_EXT_PROTECTED_CONTENT when word.Value == 0:
                return sizeof(DrmI915GemCreateExtWord);
            case I915_GEM_CREATE_EXT_SET_PAT:
                // The entries of the table that Mesa uses: 0 is write-back, 1 is write-combining.
                cache = word.Value == 1 ? VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC : VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED;
                return sizeof(DrmI915GemCreateExtWord);
            default:
                return 0;
        }
    }

    private int Made(uint handle, ulong size, uint blobId, VirtioGpuMapInfo cache)
    {
        Objects.Made(new GemObject { Handle = handle, Size = size, BlobId = blobId, IsOwn = true, Cache = cache });
        return 0;
    }
}
