using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuUapi;

namespace SplitVmm.GpuProcess.Native.Amdgpu;

/// <summary>AMD's GPUs (kernel driver <c>amdgpu</c>, Mesa's radeonsi and RADV).</summary>
internal sealed unsafe class AmdgpuDriver : NativeDriver
{
    /// <summary>The protocol gives its format no number.</summary>
    private const uint WireFormat = 0;

    /// <summary>What Mesa says where libdrm's list of names does not know the GPU; that list is not here.</summary>
    private static ReadOnlySpan<byte> MarketingName => "AMD Radeon Graphics"u8;

    // Registers that the kernel lets user space read, as libdrm does when it opens a device.
    private const uint CC_RB_BACKEND_DISABLE = 0x263d;
    private const uint GB_ADDR_CONFIG = 0x263e;
    private const uint GB_TILE_MODE0 = 0x2644;
    private const uint GB_MACROTILE_MODE0 = 0x2664;
    private const uint PA_SC_RASTER_CONFIG = 0xa0d4;
    private const uint PA_SC_RASTER_CONFIG_1 = 0xa0d5;
    private const uint MC_ARB_RAMCFG = 0x9d8;
    private const uint EveryInstance = 0xFFFF_FFFF;
    private const int MaxShaderEngines = 4;

    public override string Name => "amdgpu";

    public override byte[]? Probe(IDrmFile file, IDrmDevice device, out string why)
    {
        if (device.Version.Major != MajorWithHandleChunks || device.Version.Minor < MinorWithHandleChunks)
        {
            why = "is too old: it needs Linux 4.20 or newer, whose submissions bring their list of objects along";
            return null;
        }

        DrmAmdgpuInfoDevice info;
        if (Ask(file, AMDGPU_INFO_DEV_INFO, &info, (uint)sizeof(DrmAmdgpuInfoDevice)) != 0)
        {
            why = "does not say which GPU it is (AMDGPU_INFO_DEV_INFO)";
            return null;
        }

        why = "";
        var own = new AmdgpuCapset
        {
            Address32Hi = info.HighVaMax != 0 ? (uint)(info.HighVaOffset >> 32) : 0,
            // Such objects are named with every submission here.
            Flags = AmdgpuCapset.HasVmAlwaysValid,
            SizeLocal = info.PteFragmentSize,
            SizeRemote = info.GartPageSize,
        };
        Describe(file, info, ref own.GpuInfo);
        MarketingName.CopyTo(new Span<byte>(own.MarketingName, AmdgpuCapset.NameSize));
        byte[] capset = new byte[Unsafe.SizeOf<DrmCapset>() + sizeof(AmdgpuCapset)];
        MemoryMarshal.Write(capset, Capset(DrmCapset.VIRTGPU_DRM_CONTEXT_AMDGPU, WireFormat, device.Version));
        MemoryMarshal.Write(capset.AsSpan(Unsafe.SizeOf<DrmCapset>()), own);
        return capset;
    }

    public override NativeContext CreateContext(NativeContextSetup setup) => new AmdgpuContext(setup);

    private static void Describe(IDrmFile file, in DrmAmdgpuInfoDevice info, ref AmdgpuGpuInfo gpu)
    {
        gpu.AsicId = info.DeviceId;
        gpu.ChipRev = info.ChipRev;
        gpu.ChipExternalRev = info.ExternalRev;
        gpu.FamilyId = info.Family;
        gpu.IdsFlags = info.IdsFlags;
        gpu.MaxEngineClk = info.MaxEngineClock;
        gpu.MaxMemoryClk = info.MaxMemoryClock;
        gpu.NumShaderEngines = info.NumShaderEngines;
        gpu.NumShaderArraysPerEngine = info.NumShaderArraysPerEngine;
        gpu.NumHwGfxContexts = info.NumHwGfxContexts;
        gpu.RbPipes = info.NumRbPipes;
        gpu.EnabledRbPipesMask = info.EnabledRbPipesMask;
        gpu.GpuCounterFreq = info.GpuCounterFreq;
        gpu.CuActiveNumber = info.CuActiveNumber;
        gpu.CuAoMask = info.CuAoMask;
        gpu.VramType = info.VramType;
        gpu.VramBitWidth = info.VramBitWidth;
        gpu.CeRamSize = info.CeRamSize;
        gpu.VceHarvestConfig = info.VceHarvestConfig;
        gpu.PciRevId = info.PciRev;
        for (int i = 0; i < 16; i++)
        {
            gpu.CuBitmap[i] = info.CuBitmap[i];
        }

        gpu.GbAddrCfg = Register(file, GB_ADDR_CONFIG, EveryInstance);
        if (info.Family >= AMDGPU_FAMILY_AI)
        {
            return;
        }

        bool hasMacroTiles = info.Family >= AMDGPU_FAMILY_CI;
        gpu.McArbRamcfg = Register(file, MC_ARB_RAMCFG, EveryInstance);
        for (uint i = 0; i < 32; i++)
        {
            gpu.GbTileMode[i] = Register(file, GB_TILE_MODE0 + i, EveryInstance);
        }

        for (uint i = 0; i < 16 && hasMacroTiles; i++)
        {
            gpu.GbMacroTileMode[i] = Register(file, GB_MACROTILE_MODE0 + i, EveryInstance);
        }

        for (uint i = 0; i < Math.Min(info.NumShaderEngines, MaxShaderEngines); i++)
        {
            // The engine, and every array of it.
            uint instance = i | 0xFF00;
            gpu.BackendDisable[i] = (Register(file, CC_RB_BACKEND_DISABLE, instance) >> 16) & 0xFF;
            gpu.PaScRasterCfg[i] = Register(file, PA_SC_RASTER_CONFIG, instance);
            gpu.PaScRasterCfg1[i] = hasMacroTiles ? Register(file, PA_SC_RASTER_CONFIG_1, instance) : 0;
        }
    }

    /// <returns>0 where the kernel does not give it.</returns>
    private static uint Register(IDrmFile file, uint offset, uint instance)
    {
        uint value = 0;
        // The kernel writes one word, into this frame.
        var request = new DrmAmdgpuInfo
        {
            ReturnPointer = (ulong)&value,
            ReturnSize = sizeof(uint),
            Query = AMDGPU_INFO_READ_MMR_REG,
            Word0 = offset,
            Word1 = 1,
            Word2 = instance,
        };
        return file.Ioctl(DRM_IOCTL_AMDGPU_INFO, ref request) == 0 ? value : 0;
    }

    private static int Ask(IDrmFile file, uint query, void* answer, uint size)
    {
        NativeMemory.Clear(answer, size);
        var request = new DrmAmdgpuInfo { ReturnPointer = (ulong)answer, ReturnSize = size, Query = query };
        return file.Ioctl(DRM_IOCTL_AMDGPU_INFO, ref request);
    }
}
