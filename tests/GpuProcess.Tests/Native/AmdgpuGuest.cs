using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Native.Amdgpu;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuCcmd;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuUapi;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>What radeonsi and RADV do over virtio-gpu, in one line each.</summary>
internal static class AmdgpuGuest
{
    public const ulong Address = SoftwareAmdgpu.VaStart + 0x10_0000;

    public static AmdgpuCcmdQueryInfoReq Registers(uint count) => new()
    {
        Info = { Query = AMDGPU_INFO_READ_MMR_REG, ReturnSize = count * 4, Word0 = 0x263e, Word1 = count, Word2 = uint.MaxValue, ReturnPointer = 0xDEAD_0000 },
    };

    /// <summary>Asks something whose answer is an error.</summary>
    public static int AskError<T>(this NativeRig rig, uint context, AmdgpuCcmd command, T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged => NativeRig.Read<AmdgpuCcmdRsp>(rig.Ask(context, command, request, tail, 8)).Ret;

    /// <summary>Asks something whose answer is an error and a word.</summary>
    public static (int Error, uint Value) AskAmdgpu<T>(this NativeRig rig, uint context, AmdgpuCcmd command, T request)
        where T : unmanaged
    {
        AmdgpuCcmdWordRsp answer = NativeRig.Read<AmdgpuCcmdWordRsp>(rig.Ask(context, command, request, default, 16));
        return (answer.Hdr.Ret, answer.Value);
    }

    public static AmdgpuCcmdGemNewReq GemNew(uint id, ulong size) => new()
    {
        BlobId = id,
        AllocSize = size,
        PhysAlignment = 4096,
        PreferredHeap = AMDGPU_GEM_DOMAIN_VRAM,
        Flags = AMDGPU_GEM_CREATE_CPU_ACCESS_REQUIRED,
    };

    public static BlobResource CreateAmdgpuObject(this NativeRig rig, uint context, uint id, ulong size, ulong flags = 0)
    {
        rig.Do(context, AMDGPU_CCMD_GEM_NEW, GemNew(id, size) with { Flags = flags });
        Assert.Equal(VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA, rig.CreateBlob(context, id, id, size, NativeRig.Shared, out BlobResource? made));
        return made!;
    }

    public static AmdgpuCcmdBoVaOpReq Map(uint resource, ulong size) => new()
    {
        Va = Address,
        VmMapSize = size,
        Flags = AMDGPU_VM_PAGE_READABLE,
        ResId = resource,
        Op = AMDGPU_VA_OP_MAP,
    };

    public static AmdgpuCcmdBoVaOpReq MapSparse(ulong size) => new()
    {
        Va = Address + (1UL << 32),
        VmMapSize = size,
        Flags = AMDGPU_VM_PAGE_PRT,
        Flags2 = AmdgpuCcmdBoVaOpReq.AMDGPU_CCMD_BO_VA_OP_SPARSE_BO,
        Op = AMDGPU_VA_OP_MAP,
    };

    public static AmdgpuCcmdCsSubmitReq Submission(uint context, uint chunks) => new() { CtxId = context, NumChunks = chunks, RingIdx = 1 };

    /// <summary>Four chunks: the objects, commands, where the submission's number goes, and what it waits for.</summary>
    public static byte[] Chunks(uint resource, uint context) => Build(
        (AMDGPU_CHUNK_ID_BO_HANDLES, VdrmStream.Bytes(new DrmAmdgpuBoListEntry { BoHandle = resource })),
        (AMDGPU_CHUNK_ID_IB, VdrmStream.Bytes(new DrmAmdgpuCsChunkIb { VaStart = Address, IbBytes = 64 })),
        (AMDGPU_CHUNK_ID_FENCE, VdrmStream.Bytes(new DrmAmdgpuCsChunkFence { Handle = resource, Offset = 8 })),
        (AMDGPU_CHUNK_ID_DEPENDENCIES, VdrmStream.Bytes(new DrmAmdgpuCsChunkDep { CtxId = context, Handle = 1 })));

    public static byte[] Build(params (ushort Id, byte[] Bytes)[] chunks)
    {
        var descriptors = new List<byte>();
        var payload = new List<byte>();
        foreach ((ushort id, byte[] bytes) in chunks)
        {
            descriptors.AddRange(VdrmStream.Bytes(
                new AmdgpuCsChunkDescriptor { ChunkId = id, LengthDw = (ushort)(bytes.Length / 4), Offset = (uint)payload.Count }));
            payload.AddRange(bytes);
        }

        return [.. descriptors, .. payload];
    }

    /// <summary>One piece of commands, as the only chunk.</summary>
    public static byte[] Commands(DrmAmdgpuCsChunkIb commands) => Build((AMDGPU_CHUNK_ID_IB, VdrmStream.Bytes(commands)));
}
