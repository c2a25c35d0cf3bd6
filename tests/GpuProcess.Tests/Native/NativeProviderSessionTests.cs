using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Blobs;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>
/// What guests count on, whoever provides native contexts: our own, on a GPU of software and on this host's, and virglrenderer's on this
/// host's. Skipped where the host has no such GPU, or the library was built without.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed class NativeProviderSessionTests : IDisposable
{
    private const string Software = "gpu-software";
    private const string Builtin = "builtin";
    private const string Virglrenderer = "virglrenderer";
    private const uint PageSize = 0x4000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly GuestWindow _window = new();
    private ChildProgram? _process;
    private GpuGuest? _guest;

    [Theory]
    [InlineData(Software)]
    [InlineData(Builtin)]
    [InlineData(Virglrenderer)]
    public void Command_IsReportedInThePage(string provider)
    {
        byte[] command = Start(provider);
        CreateContext(1);
        Submit(1, command, ring: 0);

        Assert.Equal(1u, MemoryMarshal.Read<uint>(_window[0].Slice(0, sizeof(uint))));
        Destroy(1);
    }

    [Theory]
    [InlineData(Software)]
    [InlineData(Builtin)]
    [InlineData(Virglrenderer)]
    public void Fence_OfARingWithoutWork_Retires(string provider)
    {
        byte[] command = Start(provider);
        CreateContext(1);
        Submit(1, command, ring: 1);
        Destroy(1);
    }

    [Theory]
    [InlineData(Software)]
    [InlineData(Builtin)]
    [InlineData(Virglrenderer)]
    public void Contexts_OneAfterTheOther_AreServed(string provider)
    {
        byte[] command = Start(provider);
        for (uint context = 1; context <= 100; context++)
        {
            CreateContext(context);
            Submit(context, command, ring: 0);
            Destroy(context);
        }
    }

    public void Dispose()
    {
        _window.Dispose();
        _guest?.Dispose();
        _process?.Dispose();
    }

    /// <returns>A command that makes nothing, the first of its context, in the protocol of the GPU's driver.</returns>
    private byte[] Start(string provider)
    {
        string socket = Path.Combine(SourceTree.OutputFolder($"native-provider-{provider}"), "gpu");
        string gpu = provider == Virglrenderer
            ? "drm_native_context=on,native=virglrenderer,blob=on,hostmem=256M"
            : "context-types=drm,blob=on,hostmem=256M";
        _process = ChildProgram.Start(
            provider == Software ? NativeProcessTests.Built("SplitVmm.GpuSoftware", "gpu-software") : NativeProcessTests.Built("gpu-process", "gpu-process"),
            ["--vhost-user-listen", socket, "--gpu", gpu],
            new Dictionary<string, string> { ["GPU_SOFTWARE_DRIVER"] = "asahi" });
        if (!_process.WaitForError("renderer: ", s_patience))
        {
            RunResult run = _process.WaitForExit(s_patience);
            Assert.True(provider != Software && run.ExitStatus == 3, run.StandardError);
            Assert.Skip(run.StandardError.Trim().Split('\n')[^1]);
        }

        _guest = new GpuGuest(NativeProcessTests.Connect(socket)) { OnMap = _window.OnMap };
        _guest.Start(NativeDeviceTests.Features);
        return NativeSeeds.Session(DriverOf(ContextType()), 1, 7)[0];
    }

    private uint ContextType()
    {
        for (uint index = 0; index < _guest!.ReadConfig().NumCapsets; index++)
        {
            VirtioGpuRespCapsetInfo info = _guest.Ask<VirtioGpuGetCapsetInfo, VirtioGpuRespCapsetInfo>(
                new VirtioGpuGetCapsetInfo { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET_INFO }, CapsetIndex = index });
            if (info.CapsetId == VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM)
            {
                byte[] set = _guest.Send(
                    new VirtioGpuGetCapset { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET }, CapsetId = info.CapsetId }, 24 + (int)info.CapsetMaxSize);
                return MemoryMarshal.Read<DrmCapset>(set.AsSpan(24)).ContextType;
            }
        }

        Assert.Fail("capability set 6 is not offered");
        return 0;
    }

    private static string DriverOf(uint contextType) => contextType switch
    {
        DrmCapset.VIRTGPU_DRM_CONTEXT_MSM => "msm",
        DrmCapset.VIRTGPU_DRM_CONTEXT_AMDGPU => "amdgpu",
        DrmCapset.VIRTGPU_DRM_CONTEXT_I915 => "i915",
        DrmCapset.VIRTGPU_DRM_CONTEXT_ASAHI => "asahi",
        _ => throw new ArgumentOutOfRangeException(nameof(contextType), contextType, "a driver that is not known here"),
    };

    /// <summary>A context and its page, which is resource 1000 + context, at the beginning of the window.</summary>
    private void CreateContext(uint context)
    {
        NativeDeviceTests.CreateContext(_guest!, context);
        _guest!.Do(BlobRequests.Host(1000 + context, PageSize, context: context));
        byte[] mapped = _guest.SendServing(BlobRequests.Map(1000 + context, 0), Unsafe.SizeOf<VirtioGpuRespMapInfo>());
        Assert.Equal(VIRTIO_GPU_RESP_OK_MAP_INFO, MemoryMarshal.Read<VirtioGpuCtrlHdr>(mapped).Type);
    }

    /// <summary>Sends a stream, and waits for the fence behind it.</summary>
    private void Submit(uint context, byte[] stream, byte ring) => _guest!.Do(
        new VirtioGpuCmdSubmit
        {
            Hdr =
            {
                Type = VIRTIO_GPU_CMD_SUBMIT_3D,
                CtxId = context,
                Flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE | VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX,
                FenceId = context,
                RingIdx = ring,
            },
            Size = (uint)stream.Length,
        },
        stream);

    private void Destroy(uint context)
    {
        _ = _guest!.SendServing(Reference(VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, 1000 + context), Unsafe.SizeOf<VirtioGpuCtrlHdr>());
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1000 + context));
        _guest.Do(new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_CTX_DESTROY, CtxId = context });
    }
}
