using System.Runtime.CompilerServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Blobs;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.SoftwareDrm;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>
/// The budget of the whole way of a native context's stream: out of the available ring, through the command and the kernel driver, until
/// the fence has retired and the answer is in the used ring, with a journal. No managed memory at all.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeDeviceAllocationTests
{
    private const int Rounds = 25;

    /// <summary>Requests that are on their way at once.</summary>
    private const int Batch = 8;

    private const uint Blob = 7;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    // A submission with a shared object; a question.
    [InlineData("asahi", 1, new[] { 8, 1 })]
    // A submission; an upload; whether an object is idle.
    [InlineData("msm", 1, new[] { 6, 5, 7 })]
    // A submission; whether it is complete.
    [InlineData("amdgpu", 1, new[] { 10, 11 })]
    // A submission; whether an object is busy.
    [InlineData("i915", 2, new[] { 11, 12 })]
    public void Streams_WithFencesOfARing_AllocateNothingEndToEnd(string driver, int ring, int[] commands)
    {
        using SoftwareDrmDevice device = NativeSeeds.Device(driver);
        using var retired = new RetiredFences();
        using var journal = new JournalImage();
        var meter = new AllocationMeter(device);
        using var gpu = new InProcessGpu(
            new GpuOptions { ContextTypes = ContextTypes.Drm, Blob = true, Hostmem = 16 << 20 },
            retired: retired,
            journal: journal.File,
            makeRenderer: loop => NativeRenderer.Start(meter, loop, retired, new NativeLimits(), new GuestLog(_ => { })));
        using GpuGuest guest = gpu.Connect();
        guest.Start(NativeDeviceTests.Features);
        byte[][] session = PlaySession(guest, driver);
        byte[][] requests = [.. commands.Select(command => Request(session[command], ring))];

        long errors = gpu.Device.Statistics.Errors;
        foreach (Completion completion in new[] { Completion.AtOnce, Completion.Later })
        {
            device.Completion = completion;
            Play(guest, requests);
            long before = Allocated(gpu, meter);
            Play(guest, requests);
            // What the two questions themselves cost.
            long asking = Allocated(gpu, meter);
            Assert.InRange(asking - before, 0, Allocated(gpu, meter) - asking);
        }

        Assert.Equal(errors, gpu.Device.Statistics.Errors);
        Assert.True(gpu.Device.Statistics.Fences > 4 * Rounds);
    }

    /// <summary>A context, and in it all that the commands of the session use.</summary>
    private static byte[][] PlaySession(GpuGuest guest, string driver)
    {
        NativeDeviceTests.CreateContext(guest, 1);
        guest.Do(BlobRequests.Host(9, 0x4000, BlobRequests.Mappable, 1));
        byte[][] session = NativeSeeds.Session(driver, 1, Blob);
        // The last two end what the others use.
        foreach (byte[] command in session[..^2])
        {
            guest.Do(new VirtioGpuCmdSubmit { Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = 1 }, Size = (uint)command.Length }, command);
            // Refused until the command was sent that makes it, and afterwards.
            _ = guest.Send(BlobRequests.Host(Blob, driver == "asahi" ? 1UL << 14 : 4096, NativeRig.Shared, 1) with { BlobId = Blob });
        }

        return session;
    }

    private static byte[] Request(byte[] stream, int ring) => GpuGuest.Bytes(
        new VirtioGpuCmdSubmit
        {
            Hdr =
            {
                Type = VIRTIO_GPU_CMD_SUBMIT_3D,
                CtxId = 1,
                Flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE | VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX,
                FenceId = 1,
                RingIdx = (byte)ring,
            },
            Size = (uint)stream.Length,
        },
        stream);

    private static void Play(GpuGuest guest, byte[][] requests)
    {
        for (int i = 0; i < Rounds; i++)
        {
            foreach (byte[] request in requests)
            {
                var pending = new List<Pending>();
                for (int j = 0; j < Batch; j++)
                {
                    pending.Add(guest.Control.Offer(request, Unsafe.SizeOf<VirtioGpuCtrlHdr>()));
                }

                foreach (Pending one in pending)
                {
                    _ = guest.Control.Wait(one, s_patience);
                }
            }
        }
    }

    private static long Allocated(InProcessGpu gpu, AllocationMeter meter)
    {
        long bytes = 0;
        gpu.Invoke(() => bytes = meter.Outside);
        return bytes;
    }
}
