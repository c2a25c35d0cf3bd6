using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Blobs;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmd;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>A guest whose programs wait in the page of a native context lives through the death of the process.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeRecoveryTests : IDisposable
{
    private const ulong Window = 16 << 20;
    private const uint Context = 1;
    private const uint Page = 9;
    private const ulong PageOffset = 0x20000;

    private readonly JournalImage _journal = new();
    private readonly RetiredFences _retired = new();
    private readonly List<InProcessGpu> _gpus = [];
    private readonly GuestWindow _mapped = new();
    private readonly VdrmStream _stream = new();
    private readonly GpuGuest _guest;

    public NativeRecoveryTests()
    {
        _guest = Begin().Connect(keepsInflight: true);
        _guest.Start(NativeDeviceTests.Features);
        _guest.OnMap = _mapped.OnMap;
        NativeDeviceTests.CreateContext(_guest, Context);
        _guest.Do(BlobRequests.Host(Page, 0x4000, BlobRequests.Mappable, Context));
        Assert.Equal(
            VIRTIO_GPU_RESP_OK_MAP_INFO,
            Answer(_guest.SendServing(BlobRequests.Map(Page, PageOffset), Unsafe.SizeOf<VirtioGpuRespMapInfo>())));
    }

    private uint Seqno => MemoryMarshal.Read<uint>(_mapped[PageOffset].Slice(0, 4));

    [Fact]
    public void Kill_WhileAProgramWaits_SaysThatAllIsDone()
    {
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Send());
        Assert.Equal(_stream.Seqno, Seqno);
        Restart();

        AssertNobodyWaits();
        // What is asked of the lost context is an error, and waits for nothing either.
        Assert.Equal(VIRTIO_GPU_RESP_ERR_UNSPEC, Send());
        AssertNobodyWaits();
        // A new context is like any other.
        NativeDeviceTests.CreateContext(_guest, Context + 1);
    }

    [Fact]
    public void Kill_Twice_SaysItAgain()
    {
        Restart();
        Restart();

        AssertNobodyWaits();
    }

    [Fact]
    public void Kill_ThenTheProgramEnds_LeavesNothing()
    {
        Restart();

        Unmap();
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, Page));
        _guest.Do(new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_CTX_DESTROY, CtxId = Context });
        Assert.True(_mapped.IsEmpty);
        Restart();
        Assert.True(_mapped.IsEmpty);
        Assert.Equal((0, 0), (_gpus[^1].Device.Statistics.Resources, _gpus[^1].Device.Statistics.Contexts));
    }

    [Fact]
    public void Kill_WhenThePageWasUnmapped_MapsNothing()
    {
        Unmap();
        Restart();

        Assert.True(_mapped.IsEmpty);
    }

    public void Dispose()
    {
        _mapped.Clear();
        _guest.Dispose();
        _gpus.ForEach(static gpu => gpu.Dispose());
        _retired.Dispose();
        _journal.Dispose();
    }

    private static VirtioGpuCtrlType Answer(byte[] response) => MemoryMarshal.Read<VirtioGpuCtrlHdr>(response).Type;

    // As Mesa waits in vdrm_host_sync: for a number that is not before that of the command, whatever that may be by now.
    private void AssertNobodyWaits() => Assert.True((int)(Seqno - _stream.Seqno) >= 0 && (int)(Seqno - 1_000_000_000) >= 0, $"{Seqno}");

    private InProcessGpu Begin()
    {
        SoftwareDrmDevice device = SoftwareAsahi.CreateDevice();
        _gpus.Add(new InProcessGpu(
            new GpuOptions { ContextTypes = ContextTypes.Drm, Blob = true, Hostmem = Window },
            retired: _retired,
            journal: _journal.File,
            makeRenderer: loop => NativeRenderer.Start(device, loop, _retired, new NativeLimits(), new GuestLog(_ => { }))));
        return _gpus[^1];
    }

    private void Restart()
    {
        _gpus[^1].Kill();
        // The front end takes all mappings away before the next process is served.
        _mapped.Clear();
        Begin().Reconnect(_guest);
        // An answer says that the restoration is over.
        _ = _guest.SendServing(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 }, Unsafe.SizeOf<VirtioGpuCtrlHdr>());
    }

    private VirtioGpuCtrlType Send()
    {
        byte[] stream = _stream.Add(ASAHI_CCMD_NOP, default(VdrmCcmdReq)).Take();
        var request = new VirtioGpuCmdSubmit { Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = Context }, Size = (uint)stream.Length };
        return Answer(_guest.Control.Wait(_guest.Control.Offer(GpuGuest.Bytes(request, stream), 24), TimeSpan.FromSeconds(30)));
    }

    private void Unmap() => Assert.Equal(
        VIRTIO_GPU_RESP_OK_NODATA,
        Answer(_guest.SendServing(Reference(VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, Page), Unsafe.SizeOf<VirtioGpuCtrlHdr>())));
}
