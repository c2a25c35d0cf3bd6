using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.I915;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.I915.I915Ccmd;
using static SplitVmm.GpuProcess.Native.I915.I915Uapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>The native context for Intel's GPUs, on a device of software that takes nothing unchecked.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class I915ContextTests : IDisposable
{
    private const uint Context = 1;

    private readonly NativeRig _rig = new(
        SoftwareI915.CreateDevice(), new NativeLimits { MaxQueues = 2, MaxAddressSpaces = 2, MaxObjects = 4, MaxBytes = 1 << 20, MaxSyncFiles = 2 });
    private readonly uint _context;

    public I915ContextTests()
    {
        _rig.CreateContext(Context);
        _context = _rig.I915Simple(Context, DRM_IOCTL_I915_GEM_CONTEXT_CREATE, default(DrmI915GemContextId)).Value.CtxId;
        _ = _rig.CreateI915Object(Context, 7, 8192);
    }

    [Fact]
    public void Capset_SaysWhichDeviceItIs()
    {
        byte[] bytes = new byte[_rig.Renderer.Capsets[0].MaxSize];
        _rig.Renderer.FillCapset(_rig.Renderer.Capsets[0], 0, bytes);
        I915Capset set = MemoryMarshal.Read<I915Capset>(bytes.AsSpan(24));
        Assert.Equal((48, DrmCapset.VIRTGPU_DRM_CONTEXT_I915), (bytes.Length, MemoryMarshal.Read<DrmCapset>(bytes).ContextType));
        Assert.Equal((3u, SoftwareI915.DeviceId, 8u), (set.PciBus, set.PciDeviceId, set.PciRevisionId));
    }

    [Fact]
    public void Session_ParametersQueriesAndWork_IsCarriedOut()
    {
        Assert.Equal((0, 35u), Word(I915_CCMD_GETPARAM, new I915CcmdGetparamReq { Param = 35 }));
        Assert.Equal((0, 4u), Word(I915_CCMD_GETPARAM, new I915CcmdGetparamReq { Param = I915_PARAM_MMAP_GTT_VERSION }));
        Assert.Equal((0, 48u), Word(I915_CCMD_QUERYPARAM, new I915CcmdQueryparamReq { QueryId = 2 }));
        byte[] engines = _rig.Ask(Context, I915_CCMD_QUERYPARAM, new I915CcmdQueryparamReq { QueryId = 2, Length = 48 }, default, 64);
        Assert.Equal(7, engines[63]);
        Assert.Equal(0, _rig.I915Simple(Context, DRM_IOCTL_I915_REG_READ, new DrmI915RegRead { Offset = RCS_TIMESTAMP | 1 }).Error);
        Assert.Equal(0, _rig.I915Simple(Context, DRM_IOCTL_I915_GEM_GET_APERTURE, default(DrmI915GemGetAperture)).Error);
        // The kernel's handle is not the guest's to see.
        Assert.Equal((0, 7u), (Tiling(7).Error, Tiling(7).Value.Handle));
        Assert.Equal(0, _rig.I915Simple(Context, DRM_IOCTL_I915_GET_RESET_STATS, new DrmI915ResetStats { CtxId = _context }).Error);

        _rig.Device.Completion = Completion.ByHand;
        Assert.Equal(0, Execute(I915Guest.Execute(_context), I915Guest.ExecuteTail(7)));
        Assert.True(_rig.Renderer.TryCreateContextFence(new FenceTimelineId(Context, 2), 5));
        Assert.Empty(_rig.TakeFences());
        Assert.Equal((0, 1u), Word(I915_CCMD_GEM_BUSY, new I915CcmdGemReq { ResId = 7 }));
        // To wait would hold up everybody.
        Assert.Equal(EAGAIN, _rig.I915Simple(Context, DRM_IOCTL_I915_GEM_SET_DOMAIN, new DrmI915GemSetDomain { Handle = 7 }).Error);
        _rig.Device.Complete(0);
        Assert.Equal(new RetiredFence(new FenceTimelineId(Context, 2), 5), Assert.Single(_rig.TakeFences()));
        Assert.Equal(0, _rig.I915Simple(Context, DRM_IOCTL_I915_GEM_SET_DOMAIN, new DrmI915GemSetDomain { Handle = 7 }).Error);
        Assert.Equal(0, _rig.Renderer.Statistics.Refused);
    }

    [Fact]
    public void Extensions_OfObjects_AreLinkedAnew()
    {
        byte[] chain =
        [
            .. I915Guest.Regions(),
            .. VdrmStream.Bytes(new DrmI915GemCreateExtWord { Base = { Name = I915_GEM_CREATE_EXT_PROTECTED_CONTENT, NextExtension = 0xDEAD_0000 } }),
        ];
        _rig.Do(Context, I915_CCMD_GEM_CREATE_EXT, new I915CcmdGemCreateExtReq { Size = 4096, BlobId = 8, GemFlags = 1, ExtSize = (uint)chain.Length }, chain);
        Assert.Equal(VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC, CacheOf(8));
        byte[] pat = VdrmStream.Bytes(new DrmI915GemCreateExtWord { Base = { Name = I915_GEM_CREATE_EXT_SET_PAT }, Value = 0 });
        _rig.Do(Context, I915_CCMD_GEM_CREATE_EXT, new I915CcmdGemCreateExtReq { Size = 4096, BlobId = 9, ExtSize = 40 }, pat);
        Assert.Equal(VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED, CacheOf(9));
        _rig.Do(Context, I915_CCMD_GEM_SET_MMAP_MODE, new I915CcmdGemReq { ResId = 9, Flags = I915_MMAP_OFFSET_UC });
        _rig.Refuse(Context, I915_CCMD_GEM_SET_MMAP_MODE, new I915CcmdGemReq { ResId = 9, Flags = 5 });
        _rig.Refuse(Context, I915_CCMD_GEM_SET_MMAP_MODE, new I915CcmdGemReq { ResId = 99 });

        var right = new I915CcmdGemCreateExtReq { Size = 4096, BlobId = 10, ExtSize = 56 };
        byte[] regions = I915Guest.Regions();
        _rig.Refuse(Context, I915_CCMD_GEM_CREATE_EXT, right with { GemFlags = 2 }, regions);
        _rig.Refuse(Context, I915_CCMD_GEM_CREATE_EXT, right with { ExtSize = 52 }, regions);
        _rig.Refuse(Context, I915_CCMD_GEM_CREATE_EXT, right with { Pad = 1 }, regions);
        // Of the link: name, flags, what is reserved. Of the regions: padding, how many, their class.
        foreach ((int at, byte value) in ((int, byte)[])[(8, 3), (8, 1), (12, 1), (16, 1), (24, 1), (32, 1), (36, 0), (36, 3), (39, 255), (48, 2)])
        {
            byte[] wrong = [.. regions];
            wrong[at] = value;
            _rig.Refuse(Context, I915_CCMD_GEM_CREATE_EXT, right, wrong);
        }

        pat[36] = 1;
        _rig.Refuse(Context, I915_CCMD_GEM_CREATE_EXT, right with { ExtSize = 40 }, pat);
        _rig.Refuse(Context, I915_CCMD_GEM_CREATE_EXT, right with { Size = 2 << 20, ExtSize = 0 });
    }

    [Fact]
    public void Contexts_WithParameters_AreLinkedAnew()
    {
        uint space = _rig.I915Simple(Context, DRM_IOCTL_I915_GEM_VM_CREATE, default(DrmI915GemVmControl)).Value.VmId;
        byte[] engines = [.. new byte[8], 0, 0, 0, 0, 1, 0, 0, 0];
        byte[] chain =
        [
            .. I915Guest.Param(I915_CONTEXT_PARAM_VM, space), .. I915Guest.Param(I915_CONTEXT_PARAM_ENGINES, 0xDEAD_0000, engines),
            .. I915Guest.Param(I915_CONTEXT_PARAM_PRIORITY, unchecked((ulong)-5)), .. I915Guest.Param(I915_CONTEXT_PARAM_SSEU, 0, new byte[32]),
            .. I915Guest.Param(I915_CONTEXT_PARAM_RECOVERABLE, 0),
        ];
        Assert.Equal(0, Create(chain).Error);
        Assert.Equal(ENOSPC, Create([]).Error);

        engines[0] = 1;
        foreach (byte[] wrong in (byte[][])
        [
            I915Guest.Param(I915_CONTEXT_PARAM_VM, space, new byte[8]), I915Guest.Param(I915_CONTEXT_PARAM_ENGINES, 1),
            I915Guest.Param(I915_CONTEXT_PARAM_ENGINES, 0, engines), I915Guest.Param(I915_CONTEXT_PARAM_ENGINES, 0, new byte[4]),
            I915Guest.Param(I915_CONTEXT_PARAM_ENGINES, 0, new byte[8 + (65 * 4)]), I915Guest.Param(I915_CONTEXT_PARAM_SSEU, 0, new byte[28]),
            I915Guest.Param(I915_CONTEXT_PARAM_RECOVERABLE, 2), I915Guest.Param(1, 0), I915Guest.Param(14, 0), I915Guest.Param(ulong.MaxValue, 0),
            I915Guest.Param(I915_CONTEXT_PARAM_VM, space + 9), chain[..52],
        ])
        {
            _rig.Refuse(Context, I915_CCMD_GEM_CONTEXT_CREATE, new I915CcmdGemContextCreateReq { ParamsSize = (uint)wrong.Length }, wrong);
        }

        Assert.Equal(EPERM, Create(I915Guest.Param(I915_CONTEXT_PARAM_PRIORITY, 1)).Error);
        _rig.Refuse(Context, I915_CCMD_GEM_CONTEXT_CREATE, new I915CcmdGemContextCreateReq { Flags = 4 });
        _rig.Refuse(Context, I915_CCMD_GEM_CONTEXT_CREATE, new I915CcmdGemContextCreateReq { ParamsSize = 4 });

        (int Error, uint Id) Create(byte[] with)
        {
            I915CcmdWordRsp answer = _rig.AskWord(Context, I915_CCMD_GEM_CONTEXT_CREATE, new I915CcmdGemContextCreateReq { ParamsSize = (uint)with.Length }, with);
            return (answer.Ret, answer.Value);
        }
    }

    [Fact]
    public void IoctlSimple_WrongRequests_AreRefused()
    {
        foreach (uint number in (uint[])
        [
            DRM_IOCTL_I915_GEM_EXECBUFFER2_WR, DRM_IOCTL_I915_QUERY, DRM_IOCTL_I915_GETPARAM, DRM_IOCTL_I915_GEM_CREATE, DRM_IOCTL_I915_GEM_CREATE_EXT,
            DRM_IOCTL_I915_GEM_CONTEXT_CREATE_EXT, 0xC018_6453, 0x4010_6471, 0,
        ])
        {
            _rig.Refuse(Context, I915_CCMD_IOCTL_SIMPLE, new I915CcmdIoctlSimpleReq { Cmd = number }, new byte[16]);
        }

        _rig.Refuse(Context, I915_CCMD_IOCTL_SIMPLE, new I915CcmdIoctlSimpleReq { Cmd = DRM_IOCTL_I915_REG_READ, Pad = 1 }, new byte[16]);
        _rig.Refuse(Context, I915_CCMD_IOCTL_SIMPLE, new I915CcmdIoctlSimpleReq { Cmd = DRM_IOCTL_I915_REG_READ }, new byte[12]);
        Errors(EINVAL, DRM_IOCTL_I915_REG_READ, new DrmI915RegRead { Offset = 0x2000 });
        Errors(EINVAL, DRM_IOCTL_I915_GEM_SET_TILING, new DrmI915GemTiling { Handle = 7, TilingMode = 3 });
        Errors(EINVAL, DRM_IOCTL_I915_GEM_SET_TILING, new DrmI915GemTiling { Handle = 8 });
        Errors(EINVAL, DRM_IOCTL_I915_GEM_SET_DOMAIN, new DrmI915GemSetDomain { Handle = 8 });
        Errors(EINVAL, DRM_IOCTL_I915_GET_RESET_STATS, new DrmI915ResetStats { Flags = 1 });
        Errors(ENOENT, DRM_IOCTL_I915_GET_RESET_STATS, new DrmI915ResetStats { CtxId = 99 });
        Errors(EINVAL, DRM_IOCTL_I915_GEM_CONTEXT_CREATE, new DrmI915GemContextId { Pad = 1 });
        Errors(ENOENT, DRM_IOCTL_I915_GEM_CONTEXT_DESTROY, new DrmI915GemContextId { CtxId = 99 });
        Errors(EINVAL, DRM_IOCTL_I915_GEM_VM_CREATE, new DrmI915GemVmControl { Extensions = 4096 });
        Errors(ENOENT, DRM_IOCTL_I915_GEM_VM_DESTROY, new DrmI915GemVmControl { VmId = 99 });
        Errors(ENOENT, DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM, new DrmI915GemContextParam { CtxId = 99, Param = I915_CONTEXT_PARAM_PRIORITY });
        Errors(EPERM, DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM, new DrmI915GemContextParam { Param = I915_CONTEXT_PARAM_PRIORITY, Value = 1 });
        Errors(EINVAL, DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM, new DrmI915GemContextParam { Param = I915_CONTEXT_PARAM_ENGINES, Size = 8, Value = 4096 });
        Errors(ENOENT, DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM, new DrmI915GemContextParam { Param = I915_CONTEXT_PARAM_VM, Value = 99 });
        Errors(EINVAL, DRM_IOCTL_I915_GEM_CONTEXT_GETPARAM, new DrmI915GemContextParam { Param = I915_CONTEXT_PARAM_SSEU });
        Errors(EINVAL, DRM_IOCTL_I915_GEM_CONTEXT_GETPARAM, new DrmI915GemContextParam { Param = I915_CONTEXT_PARAM_VM, Size = 8 });
        Assert.NotEqual(0UL, _rig.I915Simple(Context, DRM_IOCTL_I915_GEM_CONTEXT_GETPARAM, new DrmI915GemContextParam { Param = I915_CONTEXT_PARAM_VM }).Value.Value);
    }

    [Fact]
    public void Queries_WithPointersInTheirData_AreRefused()
    {
        _rig.Refuse(Context, I915_CCMD_QUERYPARAM, new I915CcmdQueryparamReq { QueryId = DRM_I915_QUERY_PERF_CONFIG, Length = 64 });
        _rig.Refuse(Context, I915_CCMD_QUERYPARAM, new I915CcmdQueryparamReq { QueryId = 0 });
        _rig.Refuse(Context, I915_CCMD_QUERYPARAM, new I915CcmdQueryparamReq { QueryId = 8 });
        _rig.Refuse(Context, I915_CCMD_QUERYPARAM, new I915CcmdQueryparamReq { QueryId = 1, Length = uint.MaxValue });
        _rig.Refuse(Context, I915_CCMD_QUERYPARAM, new I915CcmdQueryparamReq { QueryId = 1, Length = 0x4000 });
    }

    [Fact]
    public void Execute_WrongRequests_AreRefused()
    {
        I915CcmdGemExecbuffer2Req right = I915Guest.Execute(_context);
        byte[] tail = I915Guest.ExecuteTail(7);
        foreach (I915CcmdGemExecbuffer2Req wrong in (I915CcmdGemExecbuffer2Req[])
        [
            right with { Flags = right.Flags | (1 << 9) }, right with { Flags = right.Flags | (1 << 10) }, right with { Flags = right.Flags | (1 << 16) },
            right with { Flags = right.Flags | (1 << 19) }, right with { Flags = right.Flags | (1 << 21) }, right with { Flags = right.Flags | (1UL << 40) },
            right with { Flags = right.Flags | 63 }, right with { Flags = 1 }, right with { ContextId = 99 }, right with { ContextId = ulong.MaxValue },
            right with { BufferCount = 0 }, right with { BufferCount = 2 }, right with { BufferCount = uint.MaxValue }, right with { RelocsCount = uint.MaxValue },
        ])
        {
            _rig.Refuse(Context, I915_CCMD_GEM_EXECBUFFER2, wrong, tail);
        }

        // Of the object: handle, how many relocations, alignment, flags, padding, what is reserved. Of the relocation: its target.
        foreach ((int at, byte value) in ((int, byte)[])[(0, 8), (4, 2), (16, 3), (33, 1), (40, 1), (48, 1), (56, 1)])
        {
            byte[] wrong = [.. tail];
            wrong[at] = value;
            int calls = _rig.Device.Calls.Values.Sum();
            Assert.Equal(EINVAL, Execute(right, wrong));
            Assert.Equal(calls, _rig.Device.Calls.Values.Sum());
        }

        _rig.Device.Completion = Completion.ByHand;
        Assert.Equal((0, 0), (Execute(right, tail), Execute(right, tail)));
        Assert.Equal(EBUSY, Execute(right, tail));
    }

    [Fact]
    public void Execute_KernelBansTheContext_TheGuestLearnsIt()
    {
        _rig.Device.Fails = number => number == DRM_IOCTL_I915_GEM_EXECBUFFER2_WR ? EIO : 0;
        Assert.Equal(EIO, Execute(I915Guest.Execute(_context), I915Guest.ExecuteTail(7)));
        Assert.Equal(1u << (int)_context, _rig.Page(Context)[2]);
        Assert.Equal(0, _rig.I915Simple(Context, DRM_IOCTL_I915_GEM_CONTEXT_DESTROY, new DrmI915GemContextId { CtxId = _context }).Error);
        Assert.Equal(0u, _rig.Page(Context)[2]);
    }

    public void Dispose() => _rig.Dispose();

    private int Execute(I915CcmdGemExecbuffer2Req request, byte[] tail) =>
        NativeRig.Read<VdrmResultRsp>(_rig.Ask(Context, I915_CCMD_GEM_EXECBUFFER2, request, tail, 8)).Ret;

    private (int Error, uint Value) Word<T>(I915Ccmd command, T request)
        where T : unmanaged
    {
        I915CcmdWordRsp answer = _rig.AskWord(Context, command, request);
        return (answer.Ret, answer.Value);
    }

    private (int Error, DrmI915GemTiling Value) Tiling(uint resource) =>
        _rig.I915Simple(Context, DRM_IOCTL_I915_GEM_GET_TILING, new DrmI915GemTiling { Handle = resource });

    private void Errors<T>(int error, uint number, T argument)
        where T : unmanaged
    {
        int calls = _rig.Device.Calls.Values.Sum();
        Assert.Equal(error, _rig.I915Simple(Context, number, argument).Error);
        Assert.Equal(calls, _rig.Device.Calls.Values.Sum());
    }

    private VirtioGpuMapInfo CacheOf(uint blob)
    {
        Assert.Equal(VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA, _rig.CreateBlob(Context, blob, blob, 4096, NativeRig.Shared, out BlobResource? made));
        Assert.True(_rig.Renderer.TryExport(made!, out Descriptor? file, out VirtioGpuMapInfo cache, out _));
        file.Dispose();
        return cache;
    }
}
