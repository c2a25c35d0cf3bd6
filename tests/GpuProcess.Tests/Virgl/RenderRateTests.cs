using System.Diagnostics;
using System.Globalization;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Recovery;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Virgl.GpuGuest3d;

namespace SplitVmm.GpuProcess.Tests.Virgl;

/// <summary>
/// How many requests a second gpu-process serves a guest that sends one after another, each with a fence that it waits
/// for: rendered in software, and by the GPU of this host if it has one. Printed, not asserted.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed class RenderRateTests
{
    private const uint Context = 1;
    private const uint Scene = 10;
    private const uint Screen = 100;
    private const uint Width = 1920;
    private const uint Height = 1080;
    private const uint Surface = 50;

    private static readonly TimeSpan s_time = TimeSpan.FromMilliseconds(400);
    private static readonly VirtioGpuRect s_all = new(0, 0, Width, Height);

    [Theory]
    [InlineData(RuntimeGpu.Trixie)]
    [InlineData(RuntimeGpu.Host)]
    public void RequestsPerSecond_OfOneGuest_AreMeasured(string image)
    {
        using RuntimeGpu gpu = RuntimeGpu.Start(image);
        using GpuGuest guest = gpu.Connect();
        guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        var scene = new TriangleScene(guest, Context, Scene);
        scene.Create();
        byte[] triangle = scene.TintedDrawStream(0.5f);
        guest.Do(Texture2d(Screen, Width, Height, topDown: true));
        guest.Do(GpuGuestResources.Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, Screen, Context));
        _ = guest.AttachFresh(Screen, (int)(Width * Height * 4));

        Print($"TABLE requests a second, by {(image == RuntimeGpu.Host ? HostGpu.Require() : "llvmpipe of " + image)}");
        Report("empty submission", () => guest.SubmitAndWait(Context, new VirglStream().Add(0, 0).Bytes, 1));
        Report("textured triangle, 64x64", () => guest.SubmitAndWait(Context, triangle, 1));
        VirglStream bound = new VirglStream()
            .CreateSurface(Surface, Screen, (uint)VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM).SetFramebuffer(Surface);
        _ = guest.SubmitAndWait(Context, bound.Bytes, 1);
        byte[] clear = new VirglStream().Clear(1, 0.5f, 0.2f, 1).Bytes;
        Report($"clear, {Width}x{Height}", () => guest.SubmitAndWait(Context, clear, 1));
        Report($"write, {Width}x{Height}", () => guest.Send(Move(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D)));
        Report($"read back, {Width}x{Height}", () => guest.Send(Move(VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D)));
        Assert.False(gpu.HasExited, gpu.Errors);
    }

    private static VirtioGpuTransferHost3d Move(VirtioGpuCtrlType direction) =>
        Fenced(Transfer(direction, Context, Screen, s_all, 0, Width * 4), 1);

    private static void Report(string name, Func<VirtioGpuCtrlHdr> request)
    {
        int count = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, request().Type);
            count++;
        }
        while (Stopwatch.GetElapsedTime(start) < s_time);

        Print($"TABLE {name,-26} {count / Stopwatch.GetElapsedTime(start).TotalSeconds,10:F0}");
    }

    private static void Print(FormattableString line) =>
        TestContext.Current.TestOutputHelper?.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
