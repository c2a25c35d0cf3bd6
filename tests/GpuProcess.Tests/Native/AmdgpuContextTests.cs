using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Amdgpu;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuCcmd;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>The native context for AMD's GPUs, on a device of software that takes nothing unchecked.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class AmdgpuContextTests : IDisposable
{
    private const uint Context = 1;

    private readonly NativeRig _rig = new(
        SoftwareAmdgpu.CreateDevice(), new NativeLimits { MaxQueues = 2, MaxObjects = 5, MaxBytes = 1 << 20, MaxSyncFiles = 2, MaxSubmitObjects = 3 });
    private readonly uint _context;

    public AmdgpuContextTests()
    {
        _rig.CreateContext(Context);
        _context = _rig.AskAmdgpu(Context, AMDGPU_CCMD_CREATE_CTX, default(AmdgpuCcmdCreateCtxReq)).Value;
        _ = _rig.CreateAmdgpuObject(Context, 7, 8192);
    }

    [Fact]
    public unsafe void Capset_SaysWhichGpuItIs()
    {
        byte[] bytes = new byte[_rig.Renderer.Capsets[0].MaxSize];
        _rig.Renderer.FillCapset(_rig.Renderer.Capsets[0], 0, bytes);
        AmdgpuCapset set = MemoryMarshal.Read<AmdgpuCapset>(bytes.AsSpan(24));
        Assert.Equal((592, DrmCapset.VIRTGPU_DRM_CONTEXT_AMDGPU), (bytes.Length, MemoryMarshal.Read<DrmCapset>(bytes).ContextType));
        Assert.Equal((SoftwareAmdgpu.DeviceId, 143u, SoftwareAmdgpu.GbAddrCfg), (set.GpuInfo.AsicId, set.GpuInfo.FamilyId, set.GpuInfo.GbAddrCfg));
        Assert.Equal((0xFFFF_8000u, 1u, 0x20_0000UL, 4096UL), (set.Address32Hi, set.Flags, set.SizeLocal, set.SizeRemote));
        Assert.Equal("AMD Radeon Graphics", Encoding.ASCII.GetString(bytes, 24 + 440, 19));
    }

    [Fact]
    public void Driver_OfAnOldKernel_SaysWhatIsMissing()
    {
        using var loop = new Platform.Events.EventLoop();
        using var retired = new RetiredFences();
        NativeException error = Assert.Throws<NativeException>(
            () => NativeRenderer.Start(SoftwareAmdgpu.CreateDevice(minor: 26), loop, retired, new NativeLimits(), new GuestLog(_ => { })));
        Assert.Contains("Linux 4.20 or newer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Session_QueriesMemoryAndWork_IsCarriedOut()
    {
        byte[] info = _rig.Ask(
            Context, AMDGPU_CCMD_QUERY_INFO, new AmdgpuCcmdQueryInfoReq { Info = { Query = AMDGPU_INFO_DEV_INFO, ReturnSize = 448 } }, default, 456);
        Assert.Equal(SoftwareAmdgpu.DeviceId, MemoryMarshal.Read<DrmAmdgpuInfoDevice>(info.AsSpan(8)).DeviceId);
        Assert.Equal(SoftwareAmdgpu.GbAddrCfg, BitConverter.ToUInt32(_rig.Ask(Context, AMDGPU_CCMD_QUERY_INFO, AmdgpuGuest.Registers(4), default, 24), 20));
        // How much memory there is stands in the page: here of the GPU's own, its size.
        Assert.Equal(SoftwareAmdgpu.VramSize - 4096, MemoryMarshal.Cast<uint, ulong>(_rig.Page(Context)[10..12])[0]);

        _rig.Do(Context, AMDGPU_CCMD_BO_VA_OP, AmdgpuGuest.Map(7, 8192));
        Assert.Equal(0, _rig.AskError(Context, AMDGPU_CCMD_SET_METADATA, new AmdgpuCcmdSetMetadataReq { ResId = 7, SizeMetadata = 4 }, [1, 2, 3, 4]));
        AmdgpuCcmdBoQueryInfoRsp object7 = NativeRig.Read<AmdgpuCcmdBoQueryInfoRsp>(
            _rig.Ask(Context, AMDGPU_CCMD_BO_QUERY_INFO, new AmdgpuCcmdBoQueryInfoReq { ResId = 7 }, default, 320));
        Assert.Equal((0, 8192UL, 4u), (object7.Hdr.Ret, object7.AllocSize, object7.SizeMetadata));

        _rig.Device.Completion = Completion.ByHand;
        _rig.Do(Context, AMDGPU_CCMD_CS_SUBMIT, AmdgpuGuest.Submission(_context, 4), AmdgpuGuest.Chunks(7, _context));
        Assert.True(_rig.Renderer.TryCreateContextFence(new FenceTimelineId(Context, 1), 5));
        Assert.Empty(_rig.TakeFences());
        var status = new AmdgpuCcmdCsQueryFenceStatusReq { CtxId = _context, Fence = 1, TimeoutNs = ulong.MaxValue };
        // To wait would hold up everybody.
        Assert.Equal((0, 0u), _rig.AskAmdgpu(Context, AMDGPU_CCMD_CS_QUERY_FENCE_STATUS, status));
        _rig.Device.Complete(0);
        Assert.Equal(new RetiredFence(new FenceTimelineId(Context, 1), 5), Assert.Single(_rig.TakeFences()));
        Assert.Equal((0, 1u), _rig.AskAmdgpu(Context, AMDGPU_CCMD_CS_QUERY_FENCE_STATUS, status));
        Assert.Equal(0, _rig.AskError(Context, AMDGPU_CCMD_RESERVE_VMID, default(AmdgpuCcmdReserveVmidReq)));
        Assert.Equal((0, 0u), _rig.AskAmdgpu(Context, AMDGPU_CCMD_SET_PSTATE, new AmdgpuCcmdSetPstateReq { CtxId = _context, Op = 6 }));
        Assert.Equal((0, 0u), _rig.AskAmdgpu(Context, AMDGPU_CCMD_CREATE_CTX, new AmdgpuCcmdCreateCtxReq { Id = _context, Flags = 1 }));
        Assert.Equal(0, _rig.Renderer.Statistics.Refused);
    }

    /// <summary>The kernel exports no object of that kind, so that it is made without, and named with each submission instead.</summary>
    [Fact]
    public void AlwaysValidObjects_AreExportedAndUsedByEverySubmission()
    {
        BlobResource made = _rig.CreateAmdgpuObject(Context, 8, 4096, AMDGPU_GEM_CREATE_VM_ALWAYS_VALID);
        Assert.True(_rig.Renderer.TryExport(made, out Descriptor? file, out VirtioGpuMapInfo cache, out _));
        Assert.Equal(VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC, cache);
        SoftwareGem gem = _rig.Device.Gems[FileIdentity.Of(file)];
        file.Dispose();
        Assert.Null(gem.LastUse);
        _rig.Do(Context, AMDGPU_CCMD_CS_SUBMIT, AmdgpuGuest.Submission(_context, 1), AmdgpuGuest.Commands(default));
        Assert.NotNull(gem.LastUse);

        // They count with those that are named, and are forgotten when they end.
        _ = _rig.CreateAmdgpuObject(Context, 9, 4096, AMDGPU_GEM_CREATE_VM_ALWAYS_VALID);
        byte[] two = AmdgpuGuest.Build(
            (AMDGPU_CHUNK_ID_IB, VdrmStream.Bytes(default(DrmAmdgpuCsChunkIb))),
            (AMDGPU_CHUNK_ID_BO_HANDLES, VdrmStream.Bytes(new DrmAmdgpuBoListEntry { BoHandle = 7 }, new DrmAmdgpuBoListEntry { BoHandle = 7 })));
        _rig.Refuse(Context, AMDGPU_CCMD_CS_SUBMIT, AmdgpuGuest.Submission(_context, 2), two);
        _rig.DestroyResource(made);
        _rig.Do(Context, AMDGPU_CCMD_CS_SUBMIT, AmdgpuGuest.Submission(_context, 2), two);
    }

    [Fact]
    public void Objects_WrongRequests_AreRefused()
    {
        AmdgpuCcmdGemNewReq right = AmdgpuGuest.GemNew(10, 4096);
        foreach (AmdgpuCcmdGemNewReq wrong in (AmdgpuCcmdGemNewReq[])
        [
            right with { BlobId = 0 }, right with { BlobId = 1UL << 32 }, right with { AllocSize = 0 }, right with { AllocSize = ulong.MaxValue },
            right with { AllocSize = 2 << 20 }, right with { PhysAlignment = 3 }, right with { PhysAlignment = 1UL << 31 }, right with { PreferredHeap = 0 },
            // Doorbells; a mixture; memory that is not counted; a queue of the kernel's own.
            right with { PreferredHeap = 64 }, right with { PreferredHeap = 12 }, right with { Flags = 1 << 11 }, right with { Flags = 1 << 8 }, right with { Flags = 1UL << 63 },
            right with { Pad = 1 },
        ])
        {
            _rig.Refuse(Context, AMDGPU_CCMD_GEM_NEW, wrong);
        }

        AmdgpuCcmdBoVaOpReq map = AmdgpuGuest.Map(7, 8192);
        foreach (AmdgpuCcmdBoVaOpReq wrong in (AmdgpuCcmdBoVaOpReq[])
        [
            map with { Op = 0 }, map with { Op = 5 }, map with { Flags = 1 << 10 }, map with { Flags = 1UL << 32 }, map with { Flags2 = 2 },
            map with { Va = 1 }, map with { VmMapSize = 0 }, map with { VmMapSize = 4095 }, map with { VmMapSize = 12288 }, map with { Offset = 4096 },
            map with { Offset = ulong.MaxValue - 4095 }, map with { Va = ulong.MaxValue - 4095 }, AmdgpuGuest.MapSparse(4096) with { Flags = 2 },
        ])
        {
            _rig.Refuse(Context, AMDGPU_CCMD_BO_VA_OP, wrong);
        }

        // One that the guest has closed already is no loss of its context.
        uint errors = _rig.Page(Context)[2];
        Errors(EINVAL, AMDGPU_CCMD_BO_VA_OP, map with { ResId = 99, Op = AMDGPU_VA_OP_UNMAP });
        Errors(ENOENT, AMDGPU_CCMD_SET_METADATA, new AmdgpuCcmdSetMetadataReq { ResId = 99 });
        Errors(EINVAL, AMDGPU_CCMD_SET_METADATA, new AmdgpuCcmdSetMetadataReq { ResId = 7, Flags = 1 });
        Errors(EINVAL, AMDGPU_CCMD_SET_METADATA, new AmdgpuCcmdSetMetadataReq { ResId = 7, SizeMetadata = 4 });
        Errors(EINVAL, AMDGPU_CCMD_SET_METADATA, new AmdgpuCcmdSetMetadataReq { ResId = 7, SizeMetadata = 260 }, new byte[260]);
        int calls = _rig.Device.Calls.Values.Sum();
        foreach (AmdgpuCcmdBoQueryInfoReq wrong in (AmdgpuCcmdBoQueryInfoReq[])[new() { ResId = 99 }, new() { ResId = 7, Pad = 1 }])
        {
            Assert.Equal(-EINVAL, NativeRig.Read<AmdgpuCcmdRsp>(_rig.Ask(Context, AMDGPU_CCMD_BO_QUERY_INFO, wrong, default, 320)).Ret);
        }

        Assert.Equal((calls, errors), (_rig.Device.Calls.Values.Sum(), _rig.Page(Context)[2]));
    }

    [Fact]
    public void Queries_OfWhatIsTheHosts_AreRefused()
    {
        foreach (DrmAmdgpuInfo wrong in (DrmAmdgpuInfo[])
        [
            // The host's screens, its firmware's image, what is unknown; IPs that there are not; too many registers, or none, or no room.
            new() { Query = 1 }, new() { Query = AMDGPU_INFO_VBIOS }, new() { Query = 0x24 }, new() { Query = uint.MaxValue },
            new() { Query = AMDGPU_INFO_HW_IP_INFO, Word0 = 10 }, new() { Query = AMDGPU_INFO_READ_MMR_REG, Word1 = 129, ReturnSize = 516 },
            new() { Query = AMDGPU_INFO_READ_MMR_REG }, new() { Query = AMDGPU_INFO_READ_MMR_REG, Word1 = 2, ReturnSize = 4 },
            new() { Query = AMDGPU_INFO_READ_MMR_REG, Word1 = 0x4000_0001, ReturnSize = 4 },
            new() { Query = AMDGPU_INFO_READ_MMR_REG, Word1 = 1, ReturnSize = 4, Word3 = 1 },
        ])
        {
            int calls = _rig.Device.Calls.Values.Sum();
            byte[] answer = _rig.Ask(Context, AMDGPU_CCMD_QUERY_INFO, new AmdgpuCcmdQueryInfoReq { Info = wrong }, default, 8 + (int)wrong.ReturnSize);
            Assert.Equal((-EINVAL, calls), (NativeRig.Read<AmdgpuCcmdRsp>(answer).Ret, _rig.Device.Calls.Values.Sum()));
        }

        _rig.Refuse(Context, AMDGPU_CCMD_QUERY_INFO, new AmdgpuCcmdQueryInfoReq { Info = { ReturnSize = uint.MaxValue } });
        _rig.Refuse(Context, AMDGPU_CCMD_QUERY_INFO, new AmdgpuCcmdQueryInfoReq { Info = { ReturnSize = 0x4000 } });
    }

    [Fact]
    public void Contexts_WrongRequests_AreRefused()
    {
        Words(EPERM, AMDGPU_CCMD_CREATE_CTX, new AmdgpuCcmdCreateCtxReq { Priority = 1 });
        Words(EINVAL, AMDGPU_CCMD_CREATE_CTX, new AmdgpuCcmdCreateCtxReq { Priority = -2049 });
        Words(EINVAL, AMDGPU_CCMD_CREATE_CTX, new AmdgpuCcmdCreateCtxReq { Flags = 2 });
        Words(ENOENT, AMDGPU_CCMD_CREATE_CTX, new AmdgpuCcmdCreateCtxReq { Id = 99, Flags = 1 });
        Assert.Equal(0, _rig.AskAmdgpu(Context, AMDGPU_CCMD_CREATE_CTX, new AmdgpuCcmdCreateCtxReq { Priority = -1023 }).Error);
        Words(ENOSPC, AMDGPU_CCMD_CREATE_CTX, default(AmdgpuCcmdCreateCtxReq));
        Errors(EINVAL, AMDGPU_CCMD_RESERVE_VMID, new AmdgpuCcmdReserveVmidReq { Flags = 1 });
        Errors(EINVAL, AMDGPU_CCMD_RESERVE_VMID, new AmdgpuCcmdReserveVmidReq { Flags = 2 });
        var pstate = new AmdgpuCcmdSetPstateReq { CtxId = _context, Op = AMDGPU_CTX_OP_SET_STABLE_PSTATE };
        // The clocks are the host's.
        Words(EPERM, AMDGPU_CCMD_SET_PSTATE, pstate with { Flags = 4 });
        Words(EINVAL, AMDGPU_CCMD_SET_PSTATE, pstate with { Op = AMDGPU_CTX_OP_FREE_CTX });
        Words(EINVAL, AMDGPU_CCMD_SET_PSTATE, pstate with { Pad = 1 });
        Words(ENOENT, AMDGPU_CCMD_SET_PSTATE, pstate with { CtxId = 99 });
        Words(ENOENT, AMDGPU_CCMD_CS_QUERY_FENCE_STATUS, new AmdgpuCcmdCsQueryFenceStatusReq { CtxId = 99 });
        Words(EINVAL, AMDGPU_CCMD_CS_QUERY_FENCE_STATUS, new AmdgpuCcmdCsQueryFenceStatusReq { CtxId = _context, Flags = 2 });
        Words(EINVAL, AMDGPU_CCMD_CS_QUERY_FENCE_STATUS, new AmdgpuCcmdCsQueryFenceStatusReq { CtxId = _context, IpType = 10 });
    }

    [Fact]
    public void Submit_WrongRequests_AreRefused()
    {
        AmdgpuCcmdCsSubmitReq right = AmdgpuGuest.Submission(_context, 4);
        byte[] chunks = AmdgpuGuest.Chunks(7, _context);
        foreach (AmdgpuCcmdCsSubmitReq wrong in (AmdgpuCcmdCsSubmitReq[])
        [
            right with { CtxId = 99 }, right with { NumChunks = 0 }, right with { NumChunks = 129 }, right with { NumChunks = uint.MaxValue },
            right with { NumChunks = 13 }, right with { RingIdx = 0 }, right with { RingIdx = 64 },
        ])
        {
            _rig.Refuse(Context, AMDGPU_CCMD_CS_SUBMIT, wrong, chunks);
        }

        // Of the descriptors: a kind, a length, a place. Behind them the object (32), commands (40: flags, IP and instance),
        // the fence (72: object and place), what is waited for (80: IP and context).
        foreach ((int at, byte value) in ((int, byte)[])
            [(0, 4), (0, 5), (0, 7), (0, 10), (2, 1), (3, 1), (4, 80), (7, 1), (10, 7), (32, 9), (44, 128), (60, 10), (64, 1), (72, 9), (76, 4), (77, 32), (80, 10), (92, 9)])
        {
            byte[] wrong = [.. chunks];
            wrong[at] = value;
            _rig.Refuse(Context, AMDGPU_CCMD_CS_SUBMIT, right, wrong);
        }

        // Nothing to execute; two lists of objects; two places for the number; the same bytes as two chunks.
        byte[] commands = AmdgpuGuest.Commands(default);
        byte[] objects = VdrmStream.Bytes(new DrmAmdgpuBoListEntry { BoHandle = 7 });
        byte[] fence = VdrmStream.Bytes(new DrmAmdgpuCsChunkFence { Handle = 7 });
        _rig.Refuse(Context, AMDGPU_CCMD_CS_SUBMIT, right with { NumChunks = 1 }, AmdgpuGuest.Build((AMDGPU_CHUNK_ID_BO_HANDLES, objects)));
        foreach ((ushort id, byte[] twice) in ((ushort, byte[])[])[(AMDGPU_CHUNK_ID_BO_HANDLES, objects), (AMDGPU_CHUNK_ID_FENCE, fence)])
        {
            byte[] wrong = AmdgpuGuest.Build((id, twice), (id, twice), (AMDGPU_CHUNK_ID_IB, commands[8..]));
            _rig.Refuse(Context, AMDGPU_CCMD_CS_SUBMIT, right with { NumChunks = 3 }, wrong);
        }

        _rig.Refuse(Context, AMDGPU_CCMD_CS_SUBMIT, right with { NumChunks = 2 }, [.. commands[..8], .. commands]);

        _rig.Device.Completion = Completion.ByHand;
        _rig.Do(Context, AMDGPU_CCMD_CS_SUBMIT, right, chunks);
        _rig.Do(Context, AMDGPU_CCMD_CS_SUBMIT, right, chunks);
        _rig.Refuse(Context, AMDGPU_CCMD_CS_SUBMIT, right, chunks);
    }

    public void Dispose() => _rig.Dispose();

    private void Errors<T>(int error, AmdgpuCcmd command, T request, byte[]? tail = null)
        where T : unmanaged
    {
        int calls = _rig.Device.Calls.Values.Sum();
        Assert.Equal((-error, calls), (_rig.AskError(Context, command, request, tail), _rig.Device.Calls.Values.Sum()));
    }

    private void Words<T>(int error, AmdgpuCcmd command, T request)
        where T : unmanaged
    {
        int calls = _rig.Device.Calls.Values.Sum();
        Assert.Equal((-error, calls), (_rig.AskAmdgpu(Context, command, request).Error, _rig.Device.Calls.Values.Sum()));
    }
}
