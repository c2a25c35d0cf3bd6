using System.Buffers.Binary;
using SplitVmm.GpuProcess.Native.Amdgpu;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.I915;
using SplitVmm.GpuProcess.Native.Msm;
using SplitVmm.GpuProcess.Native.Uapi;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>Sizes and offsets as a C compiler gives them to the kernel's headers and to the public protocol headers.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeLayoutTests
{
    [Fact]
    public void Drm_Layout_IsTheKernels()
    {
        LayoutAssert.Is<DrmVersion>(
            64, ("VersionMajor", 0), ("VersionMinor", 4), ("VersionPatchlevel", 8), ("NameLen", 16), ("Name", 24), ("DateLen", 32), ("Date", 40),
            ("DescLen", 48), ("Desc", 56));
        LayoutAssert.Is<DrmGemClose>(8, ("Handle", 0), ("Pad", 4));
        LayoutAssert.Is<DrmPrimeHandle>(12, ("Handle", 0), ("Flags", 4), ("Fd", 8));
        LayoutAssert.Is<DrmSyncobjCreate>(8, ("Handle", 0), ("Flags", 4));
        LayoutAssert.Is<DrmSyncobjDestroy>(8, ("Handle", 0), ("Pad", 4));
        LayoutAssert.Is<DrmSyncobjHandle>(24, ("Handle", 0), ("Flags", 4), ("Fd", 8), ("Pad", 12), ("Point", 16));
        LayoutAssert.Is<DmaBufSync>(8, ("Flags", 0));
        LayoutAssert.Is<DmaBufSyncFile>(8, ("Flags", 0), ("Fd", 4));
        LayoutAssert.Is<SyncFileInfo>(56, ("Status", 32), ("Flags", 36), ("NumFences", 40), ("Pad", 44), ("SyncFenceInfo", 48));
    }

    [Fact]
    public void Vdrm_Layout_IsTheProtocols()
    {
        LayoutAssert.Is<VdrmShmem>(8, ("Seqno", 0), ("RspMemOffset", 4));
        LayoutAssert.Is<VdrmCcmdReq>(16, ("Cmd", 0), ("Len", 4), ("Seqno", 8), ("RspOff", 12));
        LayoutAssert.Is<VdrmCcmdRsp>(4, ("Len", 0));
        LayoutAssert.Is<DrmCapset>(
            24, ("WireFormatVersion", 0), ("VersionMajor", 4), ("VersionMinor", 8), ("VersionPatchlevel", 12), ("ContextType", 16), ("Pad", 20));
    }

    [Fact]
    public void Asahi_Layout_IsTheKernels()
    {
        LayoutAssert.Is<DrmAsahiGetParams>(24, ("ParamGroup", 0), ("Pad", 4), ("Pointer", 8), ("Size", 16));
        LayoutAssert.Is<DrmAsahiGetTime>(16, ("Flags", 0), ("GpuTimestamp", 8));
        LayoutAssert.Is<DrmAsahiVmCreate>(24, ("KernelStart", 0), ("KernelEnd", 8), ("VmId", 16), ("Pad", 20));
        LayoutAssert.Is<DrmAsahiVmDestroy>(8, ("VmId", 0), ("Pad", 4));
        LayoutAssert.Is<DrmAsahiGemCreate>(24, ("Size", 0), ("Flags", 8), ("VmId", 12), ("Handle", 16), ("Pad", 20));
        LayoutAssert.Is<DrmAsahiGemBindOp>(32, ("Flags", 0), ("Handle", 4), ("Offset", 8), ("Range", 16), ("Addr", 24));
        LayoutAssert.Is<DrmAsahiVmBind>(24, ("VmId", 0), ("NumBinds", 4), ("Stride", 8), ("Pad", 12), ("Userptr", 16));
        LayoutAssert.Is<DrmAsahiGemBindObject>(
            40, ("Op", 0), ("Flags", 4), ("Handle", 8), ("VmId", 12), ("Offset", 16), ("Range", 24), ("ObjectHandle", 32), ("Pad", 36));
        LayoutAssert.Is<DrmAsahiQueueCreate>(24, ("Flags", 0), ("VmId", 4), ("Priority", 8), ("QueueId", 12), ("UscExecBase", 16));
        LayoutAssert.Is<DrmAsahiQueueDestroy>(8, ("QueueId", 0), ("Pad", 4));
        LayoutAssert.Is<DrmAsahiSync>(16, ("SyncType", 0), ("Handle", 4), ("TimelineValue", 8));
        LayoutAssert.Is<DrmAsahiCmdHeader>(8, ("CmdType", 0), ("Size", 2), ("VdmBarrier", 4), ("CdmBarrier", 6));
        LayoutAssert.Is<DrmAsahiSubmit>(
            40, ("Syncs", 0), ("Cmdbuf", 8), ("Flags", 16), ("QueueId", 20), ("InSyncCount", 24), ("OutSyncCount", 28), ("CmdbufSize", 32), ("Pad", 36));
    }

    [Fact]
    public void AsahiCommands_Layout_IsTheProtocols()
    {
        LayoutAssert.Is<AsahiShmem>(16, ("Base", 0), ("AsyncError", 8), ("GlobalFaults", 12));
        LayoutAssert.Is<AsahiCcmdIoctlSimpleReq>(20, ("Hdr", 0), ("Cmd", 16));
        LayoutAssert.Is<VdrmResultRsp>(8, ("Hdr", 0), ("Ret", 4));
        LayoutAssert.Is<AsahiCcmdGetParamsReq>(40, ("Hdr", 0), ("Params", 16));
        LayoutAssert.Is<AsahiCcmdGetParamsRsp>(8, ("Hdr", 0), ("Ret", 4));
        LayoutAssert.Is<AsahiCcmdGemNewReq>(48, ("Hdr", 0), ("Flags", 16), ("BindFlags", 20), ("VmId", 24), ("BlobId", 28), ("Size", 32), ("Addr", 40));
        LayoutAssert.Is<AsahiCcmdVmBindReq>(28, ("Hdr", 0), ("VmId", 16), ("Stride", 20), ("Count", 24));
        LayoutAssert.Is<AsahiCcmdGemBindObjectReq>(56, ("Hdr", 0), ("Bind", 16));
        LayoutAssert.Is<AsahiCcmdGemBindObjectRsp>(12, ("Hdr", 0), ("Ret", 4), ("ObjectHandle", 8));
        LayoutAssert.Is<AsahiCcmdSubmitRes>(8, ("ResId", 0), ("Flags", 4));
        LayoutAssert.Is<AsahiCcmdSubmitReq>(32, ("Hdr", 0), ("Flags", 16), ("QueueId", 20), ("CmdbufSize", 24), ("ExtresCount", 28));
    }

    [Fact]
    public void Msm_Layout_IsTheKernels()
    {
        LayoutAssert.Is<DrmMsmParam>(24, ("Pipe", 0), ("Param", 4), ("Value", 8), ("Len", 16), ("Pad", 20));
        LayoutAssert.Is<DrmMsmGemNew>(16, ("Size", 0), ("Flags", 8), ("Handle", 12));
        LayoutAssert.Is<DrmMsmGemInfo>(24, ("Handle", 0), ("Info", 4), ("Value", 8), ("Len", 16), ("Pad", 20));
        LayoutAssert.Is<DrmMsmTimespec>(16, ("TvSec", 0), ("TvNsec", 8));
        LayoutAssert.Is<DrmMsmGemCpuPrep>(24, ("Handle", 0), ("Op", 4), ("Timeout", 8));
        LayoutAssert.Is<DrmMsmGemSubmitCmd>(
            32, ("Type", 0), ("SubmitIdx", 4), ("SubmitOffset", 8), ("Size", 12), ("Pad", 16), ("NrRelocs", 20), ("Relocs", 24));
        LayoutAssert.Is<DrmMsmGemSubmitBo>(16, ("Flags", 0), ("Handle", 4), ("Presumed", 8));
        LayoutAssert.Is<DrmMsmGemSubmit>(
            72, ("Flags", 0), ("Fence", 4), ("NrBos", 8), ("NrCmds", 12), ("Bos", 16), ("Cmds", 24), ("FenceFd", 32), ("Queueid", 36), ("InSyncobjs", 40),
            ("OutSyncobjs", 48), ("NrInSyncobjs", 56), ("NrOutSyncobjs", 60), ("SyncobjStride", 64), ("Pad", 68));
        LayoutAssert.Is<DrmMsmWaitFence>(32, ("Fence", 0), ("Flags", 4), ("Timeout", 8), ("Queueid", 24));
        LayoutAssert.Is<DrmMsmSubmitqueue>(12, ("Flags", 0), ("Prio", 4), ("Id", 8));
        LayoutAssert.Is<DrmMsmSubmitqueueQuery>(24, ("Data", 0), ("Id", 8), ("Param", 12), ("Len", 16), ("Pad", 20));
    }

    [Fact]
    public void MsmCommands_Layout_IsTheProtocols()
    {
        LayoutAssert.Is<MsmCapset>(
            88, ("HasCachedCoherent", 0), ("Priorities", 4), ("VaStart", 8), ("VaSize", 16), ("GpuId", 24), ("GmemSize", 28), ("GmemBase", 32),
            ("ChipId", 40), ("MaxFreq", 48), ("HighestBankBit", 52), ("UbwcSwizzle", 56), ("MacrotileMode", 64), ("HasRaytracing", 72),
            ("HasPreemption", 76), ("UcheTrapBase", 80));
        LayoutAssert.Is<MsmShmem>(16, ("Base", 0), ("AsyncError", 8), ("GlobalFaults", 12));
        LayoutAssert.Is<MsmCcmdIoctlSimpleReq>(20, ("Hdr", 0), ("Cmd", 16));
        LayoutAssert.Is<MsmCcmdRsp>(8, ("Hdr", 0), ("Ret", 4));
        LayoutAssert.Is<MsmCcmdGemNewReq>(40, ("Hdr", 0), ("Iova", 16), ("Size", 24), ("Flags", 32), ("BlobId", 36));
        LayoutAssert.Is<MsmCcmdGemSetIovaReq>(32, ("Hdr", 0), ("Iova", 16), ("ResId", 24), ("Pad", 28));
        LayoutAssert.Is<MsmCcmdGemCpuPrepReq>(24, ("Hdr", 0), ("ResId", 16), ("Op", 20));
        LayoutAssert.Is<MsmCcmdGemSetNameReq>(24, ("Hdr", 0), ("ResId", 16), ("Len", 20));
        LayoutAssert.Is<MsmCcmdGemSubmitReq>(36, ("Hdr", 0), ("Flags", 16), ("QueueId", 20), ("NrBos", 24), ("NrCmds", 28), ("Fence", 32));
        LayoutAssert.Is<MsmCcmdGemUploadReq>(32, ("Hdr", 0), ("ResId", 16), ("Pad", 20), ("Off", 24), ("Len", 28));
        LayoutAssert.Is<MsmCcmdSubmitqueueQueryReq>(28, ("Hdr", 0), ("QueueId", 16), ("Param", 20), ("Len", 24));
        LayoutAssert.Is<MsmCcmdSubmitqueueQueryRsp>(12, ("Hdr", 0), ("Ret", 4), ("OutLen", 8));
        LayoutAssert.Is<MsmCcmdWaitFenceReq>(24, ("Hdr", 0), ("QueueId", 16), ("Fence", 20));
        LayoutAssert.Is<MsmCcmdSetDebuginfoReq>(24, ("Hdr", 0), ("CommLen", 16), ("CmdlineLen", 20));
    }

    [Fact]
    public void I915_Layout_IsTheKernels()
    {
        LayoutAssert.Is<DrmI915Getparam>(16, ("Param", 0), ("Value", 8));
        LayoutAssert.Is<DrmI915QueryItem>(24, ("QueryId", 0), ("Length", 8), ("Flags", 12), ("DataPtr", 16));
        LayoutAssert.Is<DrmI915Query>(16, ("NumItems", 0), ("Flags", 4), ("ItemsPtr", 8));
        LayoutAssert.Is<DrmI915GemCreate>(16, ("Size", 0), ("Handle", 8), ("Pad", 12));
        LayoutAssert.Is<DrmI915GemCreateExt>(24, ("Size", 0), ("Handle", 8), ("Flags", 12), ("Extensions", 16));
        LayoutAssert.Is<I915UserExtension>(32, ("NextExtension", 0), ("Name", 8), ("Flags", 12), ("Rsvd0", 16), ("Rsvd1", 24));
        LayoutAssert.Is<DrmI915GemCreateExtMemoryRegions>(48, ("Base", 0), ("Pad", 32), ("NumRegions", 36), ("Regions", 40));
        LayoutAssert.Is<DrmI915GemMemoryClassInstance>(4, ("MemoryClass", 0), ("MemoryInstance", 2));
        LayoutAssert.Is<DrmI915GemCreateExtWord>(40, ("Base", 0), ("Value", 32), ("Rsvd", 36));
        LayoutAssert.Is<DrmI915GemContextId>(8, ("CtxId", 0), ("Pad", 4));
        LayoutAssert.Is<DrmI915GemContextCreateExt>(16, ("CtxId", 0), ("Flags", 4), ("Extensions", 8));
        LayoutAssert.Is<DrmI915GemContextParam>(24, ("CtxId", 0), ("Size", 4), ("Param", 8), ("Value", 16));
        LayoutAssert.Is<DrmI915GemContextCreateExtSetparam>(56, ("Base", 0), ("Param", 32));
        LayoutAssert.Is<DrmI915GemExecObject2>(
            56, ("Handle", 0), ("RelocationCount", 4), ("RelocsPtr", 8), ("Alignment", 16), ("Offset", 24), ("Flags", 32), ("Rsvd1", 40), ("Rsvd2", 48));
        LayoutAssert.Is<DrmI915GemRelocationEntry>(
            32, ("TargetHandle", 0), ("Delta", 4), ("Offset", 8), ("PresumedOffset", 16), ("ReadDomains", 24), ("WriteDomain", 28));
        LayoutAssert.Is<DrmI915GemExecbuffer2>(
            64, ("BuffersPtr", 0), ("BufferCount", 8), ("BatchStartOffset", 12), ("BatchLen", 16), ("DR1", 20), ("DR4", 24), ("NumCliprects", 28),
            ("CliprectsPtr", 32), ("Flags", 40), ("Rsvd1", 48), ("Rsvd2", 56));
        LayoutAssert.Is<DrmI915GemBusy>(8, ("Handle", 0), ("Busy", 4));
        LayoutAssert.Is<DrmI915GemSetDomain>(12, ("Handle", 0), ("ReadDomains", 4), ("WriteDomain", 8));
        LayoutAssert.Is<DrmI915GemTiling>(16, ("Handle", 0), ("TilingMode", 4), ("Stride", 8), ("SwizzleMode", 12));
        LayoutAssert.Is<DrmI915GemGetAperture>(16, ("AperSize", 0), ("AperAvailableSize", 8));
        LayoutAssert.Is<DrmI915RegRead>(16, ("Offset", 0), ("Val", 8));
        LayoutAssert.Is<DrmI915ResetStats>(24, ("CtxId", 0), ("Flags", 4), ("ResetCount", 8), ("BatchActive", 12), ("BatchPending", 16), ("Pad", 20));
        LayoutAssert.Is<DrmI915GemVmControl>(16, ("Extensions", 0), ("Flags", 8), ("VmId", 12));
    }

    [Fact]
    public void I915Commands_Layout_IsTheProtocols()
    {
        LayoutAssert.Is<I915Capset>(24, ("PciBus", 0), ("PciDev", 4), ("PciFunc", 8), ("PciRevisionId", 12), ("PciDomain", 16), ("PciDeviceId", 20));
        LayoutAssert.Is<I915Shmem>(16, ("Base", 0), ("BannedCtxMask", 8));
        LayoutAssert.Is<I915CcmdIoctlSimpleReq>(24, ("Hdr", 0), ("Cmd", 16), ("Pad", 20));
        LayoutAssert.Is<I915CcmdGetparamReq>(24, ("Hdr", 0), ("Param", 16), ("Value", 20));
        LayoutAssert.Is<I915CcmdWordRsp>(16, ("Hdr", 0), ("Pad", 4), ("Ret", 8), ("Value", 12));
        LayoutAssert.Is<I915CcmdQueryparamReq>(32, ("Hdr", 0), ("QueryId", 16), ("Length", 20), ("Flags", 24), ("Pad", 28));
        LayoutAssert.Is<I915CcmdGemContextCreateReq>(24, ("Hdr", 0), ("Flags", 16), ("ParamsSize", 20));
        LayoutAssert.Is<I915CcmdGemCreateReq>(32, ("Hdr", 0), ("Size", 16), ("BlobId", 24), ("Pad", 28));
        LayoutAssert.Is<I915CcmdGemCreateExtReq>(40, ("Hdr", 0), ("Size", 16), ("BlobId", 24), ("GemFlags", 28), ("ExtSize", 32), ("Pad", 36));
        LayoutAssert.Is<I915CcmdGemExecbuffer2Req>(
            48, ("Hdr", 0), ("Flags", 16), ("ContextId", 24), ("BufferCount", 32), ("BatchStartOffset", 36), ("BatchLen", 40), ("RelocsCount", 44));
        LayoutAssert.Is<I915CcmdGemReq>(24, ("Hdr", 0), ("ResId", 16), ("Flags", 20));
    }

    [Fact]
    public void Amdgpu_Layout_IsTheKernels()
    {
        LayoutAssert.Is<DrmAmdgpuGemCreate>(32, ("BoSize", 0), ("Handle", 0), ("Alignment", 8), ("Domains", 16), ("DomainFlags", 24));
        LayoutAssert.Is<DrmAmdgpuCtx>(16, ("Op", 0), ("Result", 0), ("Flags", 4), ("CtxId", 8), ("Priority", 12));
        LayoutAssert.Is<DrmAmdgpuCs>(24, ("CtxId", 0), ("BoListHandle", 4), ("NumChunks", 8), ("Flags", 12), ("Chunks", 16));
        LayoutAssert.Is<DrmAmdgpuCsChunk>(16, ("ChunkId", 0), ("LengthDw", 4), ("ChunkData", 8));
        LayoutAssert.Is<DrmAmdgpuCsChunkIb>(
            32, ("Pad", 0), ("Flags", 4), ("VaStart", 8), ("IbBytes", 16), ("IpType", 20), ("IpInstance", 24), ("Ring", 28));
        LayoutAssert.Is<DrmAmdgpuCsChunkDep>(24, ("IpType", 0), ("IpInstance", 4), ("Ring", 8), ("CtxId", 12), ("Handle", 16));
        LayoutAssert.Is<DrmAmdgpuCsChunkFence>(8, ("Handle", 0), ("Offset", 4));
        LayoutAssert.Is<DrmAmdgpuBoListIn>(24, ("Operation", 0), ("ListHandle", 4), ("BoNumber", 8), ("BoInfoSize", 12), ("BoInfoPtr", 16));
        LayoutAssert.Is<DrmAmdgpuBoListEntry>(8, ("BoHandle", 0), ("BoPriority", 4));
        LayoutAssert.Is<DrmAmdgpuInfo>(32, ("ReturnPointer", 0), ("ReturnSize", 8), ("Query", 12), ("Word0", 16), ("Word1", 20), ("Word2", 24), ("Word3", 28));
        LayoutAssert.Is<DrmAmdgpuGemMetadata>(288, ("Handle", 0), ("Op", 4), ("Flags", 8), ("TilingInfo", 16), ("DataSizeBytes", 24), ("Data", 28));
        LayoutAssert.Is<DrmAmdgpuGemVa>(
            40, ("Handle", 0), ("Pad", 4), ("Operation", 8), ("Flags", 12), ("VaAddress", 16), ("OffsetInBo", 24), ("MapSize", 32));
        LayoutAssert.Is<DrmAmdgpuGemOp>(16, ("Handle", 0), ("Op", 4), ("Value", 8));
        LayoutAssert.Is<DrmAmdgpuWaitCs>(32, ("Handle", 0), ("Status", 0), ("Timeout", 8), ("IpType", 16), ("IpInstance", 20), ("Ring", 24), ("CtxId", 28));
        LayoutAssert.Is<DrmAmdgpuVm>(8, ("Op", 0), ("Flags", 4));
        LayoutAssert.Is<DrmAmdgpuHeapInfo>(32, ("TotalHeapSize", 0), ("UsableHeapSize", 8), ("HeapUsage", 16), ("MaxAllocation", 24));
        LayoutAssert.Is<DrmAmdgpuMemoryInfo>(96, ("Vram", 0), ("CpuAccessibleVram", 32), ("Gtt", 64));
        LayoutAssert.Is<DrmAmdgpuInfoDevice>(
            368, ("DeviceId", 0), ("ChipRev", 4), ("ExternalRev", 8), ("PciRev", 12), ("Family", 16), ("NumShaderEngines", 20),
            ("NumShaderArraysPerEngine", 24), ("GpuCounterFreq", 28), ("MaxEngineClock", 32), ("MaxMemoryClock", 40), ("CuActiveNumber", 48),
            ("CuAoMask", 52), ("CuBitmap", 56), ("EnabledRbPipesMask", 120), ("NumRbPipes", 124), ("NumHwGfxContexts", 128), ("IdsFlags", 136),
            ("VirtualAddressOffset", 144), ("VirtualAddressMax", 152), ("VirtualAddressAlignment", 160), ("PteFragmentSize", 164),
            ("GartPageSize", 168), ("CeRamSize", 172), ("VramType", 176), ("VramBitWidth", 180), ("VceHarvestConfig", 184),
            ("HighVaOffset", 336), ("HighVaMax", 344));
    }

    [Fact]
    public void AmdgpuCommands_Layout_IsTheProtocols()
    {
        LayoutAssert.Is<AmdgpuCapset>(568, ("Address32Hi", 0), ("Flags", 4), ("SizeLocal", 8), ("SizeRemote", 16), ("GpuInfo", 24), ("MarketingName", 440));
        LayoutAssert.Is<AmdgpuGpuInfo>(
            416, ("AsicId", 0), ("ChipRev", 4), ("ChipExternalRev", 8), ("FamilyId", 12), ("IdsFlags", 16), ("MaxEngineClk", 24), ("MaxMemoryClk", 32),
            ("NumShaderEngines", 40), ("NumShaderArraysPerEngine", 44), ("NumHwGfxContexts", 60), ("RbPipes", 64), ("EnabledRbPipesMask", 68),
            ("GpuCounterFreq", 72), ("BackendDisable", 76), ("McArbRamcfg", 92), ("GbAddrCfg", 96), ("GbTileMode", 100), ("GbMacroTileMode", 228),
            ("PaScRasterCfg", 292), ("PaScRasterCfg1", 308), ("CuActiveNumber", 324), ("CuAoMask", 328), ("CuBitmap", 332), ("VramType", 396),
            ("VramBitWidth", 400), ("CeRamSize", 404), ("VceHarvestConfig", 408), ("PciRevId", 412));
        LayoutAssert.Is<AmdgpuHeapInfo>(24, ("HeapSize", 0), ("HeapUsage", 8), ("MaxAllocation", 16));
        LayoutAssert.Is<AmdvgpuShmem>(88, ("Base", 0), ("AsyncError", 8), ("Pad", 12), ("Gtt", 16), ("Vram", 40), ("VisVram", 64));
        LayoutAssert.Is<AmdgpuCcmdRsp>(8, ("Base", 0), ("Ret", 4));
        LayoutAssert.Is<AmdgpuCcmdWordRsp>(16, ("Hdr", 0), ("Value", 8), ("Pad", 12));
        LayoutAssert.Is<AmdgpuCcmdQueryInfoReq>(48, ("Hdr", 0), ("Info", 16));
        LayoutAssert.Is<AmdgpuCcmdGemNewReq>(
            56, ("Hdr", 0), ("BlobId", 16), ("AllocSize", 24), ("PhysAlignment", 32), ("PreferredHeap", 40), ("Pad", 44), ("Flags", 48));
        LayoutAssert.Is<AmdgpuCcmdBoVaOpReq>(
            64, ("Hdr", 0), ("Va", 16), ("VmMapSize", 24), ("Flags", 32), ("Flags2", 40), ("Offset", 48), ("ResId", 56), ("Op", 60));
        LayoutAssert.Is<AmdgpuCcmdCsSubmitReq>(32, ("Hdr", 0), ("CtxId", 16), ("NumChunks", 20), ("Pad", 24), ("RingIdx", 28));
        LayoutAssert.Is<AmdgpuCsChunkDescriptor>(8, ("ChunkId", 0), ("LengthDw", 2), ("Offset", 4));
        LayoutAssert.Is<AmdgpuCcmdSetMetadataReq>(40, ("Hdr", 0), ("Flags", 16), ("TilingInfo", 24), ("ResId", 32), ("SizeMetadata", 36));
        LayoutAssert.Is<AmdgpuCcmdBoQueryInfoReq>(24, ("Hdr", 0), ("ResId", 16), ("Pad", 20));
        LayoutAssert.Is<AmdgpuCcmdBoQueryInfoRsp>(
            320, ("Hdr", 0), ("AllocSize", 8), ("PhysAlignment", 16), ("PreferredHeap", 24), ("AllocFlags", 32), ("MetadataFlags", 40),
            ("TilingInfo", 48), ("SizeMetadata", 56), ("UmdMetadata", 60));
        LayoutAssert.Is<AmdgpuCcmdCreateCtxReq>(24, ("Hdr", 0), ("Priority", 16), ("Id", 16), ("Flags", 20));
        LayoutAssert.Is<AmdgpuCcmdReserveVmidReq>(24, ("Hdr", 0), ("Flags", 16));
        LayoutAssert.Is<AmdgpuCcmdSetPstateReq>(32, ("Hdr", 0), ("CtxId", 16), ("Op", 20), ("Flags", 24), ("Pad", 28));
        LayoutAssert.Is<AmdgpuCcmdCsQueryFenceStatusReq>(
            56, ("Hdr", 0), ("CtxId", 16), ("IpType", 20), ("IpInstance", 24), ("Ring", 28), ("Fence", 32), ("TimeoutNs", 40), ("Flags", 48));
    }

    /// <summary>amdgpu's buffers that are always valid cannot be exported: not offered, whoever filled the set.</summary>
    [Fact]
    public void Restrict_Amdgpu_TakesAlwaysValidBuffersBack()
    {
        byte[] capset = [.. Enumerable.Repeat((byte)0xFF, 64)];
        BinaryPrimitives.WriteUInt32LittleEndian(capset.AsSpan(16), DrmCapset.VIRTGPU_DRM_CONTEXT_AMDGPU);
        DrmCapset.Restrict(capset);
        Assert.Equal((0xFFFF_FFFFu, 0xFFFF_FFFEu), (Word(24), Word(28)));
        capset[28] = 0xFF;
        BinaryPrimitives.WriteUInt32LittleEndian(capset.AsSpan(16), DrmCapset.VIRTGPU_DRM_CONTEXT_MSM);
        DrmCapset.Restrict(capset);
        Assert.Equal(0xFFFF_FFFFu, Word(28));
        DrmCapset.Restrict(capset.AsSpan(0, 24));

        uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(capset.AsSpan(offset));
    }
}
