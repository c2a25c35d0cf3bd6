using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;
using static SplitVmm.GpuProcess.Tests.Virgl.GpuGuest3d;

namespace SplitVmm.GpuProcess.Tests.Virgl;

/// <summary>virglrenderer and Mesa in a sandboxed gpu-process, driven over vhost-user by a driver of this test.</summary>
public abstract class VirglRuntimeTests : IDisposable
{
    private const uint Width = 64;
    private const uint Height = 32;

    private static readonly VirtioGpuRect s_all = new(0, 0, Width, Height);

    private readonly RuntimeGpu _gpu;
    private readonly GpuGuest _guest;

    protected VirglRuntimeTests(string image, params string[] environment)
    {
        _gpu = RuntimeGpu.Start(image, environment: environment);
        _guest = _gpu.Connect();
        _guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
    }

    [Fact]
    public void Capsets_OfVirglrenderer_AreVirglAndVirgl2()
    {
        Assert.Equal(2u, _guest.ReadConfig().NumCapsets);
        for (uint index = 0; index < 2; index++)
        {
            VirtioGpuRespCapsetInfo info = _guest.Ask<VirtioGpuGetCapsetInfo, VirtioGpuRespCapsetInfo>(
                new VirtioGpuGetCapsetInfo { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET_INFO }, CapsetIndex = index });
            Assert.Equal(index + 1, (uint)info.CapsetId);
            byte[] set = _guest.Send(
                new VirtioGpuGetCapset { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET }, CapsetId = info.CapsetId, CapsetVersion = info.CapsetMaxVersion },
                24 + (int)info.CapsetMaxSize);
            Assert.Equal(24 + (int)info.CapsetMaxSize, set.Length);
            // max_version, the first word of either set.
            Assert.Equal(index + 1, BitConverter.ToUInt32(set, 24));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clear_ReadBackAndShown_HasTheColour(bool topDown)
    {
        PrepareTarget(topDown);
        ulong backing = _guest.AttachFresh(1, (int)(Width * Height * 4));
        for (int round = 0; round < 50; round++)
        {
            byte red = (byte)(round * 5);
            byte[] stream = new VirglStream().Clear(red / 255f, 1, 0.2f, 1).Bytes;
            Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _guest.SubmitAndWait(1, stream, (ulong)round).Type);
            _guest.Do(Fenced(Transfer(VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, 1, 1, s_all, 0, Width * 4), 1));

            Assert.All(Read(backing, Width * Height), pixel => AssertColour((red, 255, 51, 255), pixel));
        }

        _guest.Do(SetScanoutRequest(0, 1, s_all));
        _guest.Do(FlushRequest(1, s_all));
        Assert.True(_gpu.Display.RunUntil(() => _gpu.Display.Frames > 0));
        Assert.All(_gpu.Display.Pictures[0]!.Pixels, pixel => AssertColour((245, 255, 51, 255), pixel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Upload_ShownInParts_EveryRowIsInItsPlace(bool topDown)
    {
        PrepareTarget(topDown);
        ulong backing = _guest.AttachFresh(1, (int)(Width * Height * 4));
        for (uint i = 0; i < Width * Height; i++)
        {
            _guest.Memory.Field<uint>(backing + (i * 4)) = 0xFF00_0000 | (i / Width << 8) | (i % Width);
        }

        _guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, 1, 1, s_all, 0, Width * 4));
        _guest.Do(SetScanoutRequest(0, 1, s_all));
        _guest.Do(FlushRequest(1, s_all));
        Assert.True(_gpu.Display.RunUntil(() => _gpu.Display.Frames > 0));
        TestDisplay.Picture picture = _gpu.Display.Pictures[0]!;
        AssertRows(picture, 0, 0);

        // Now a part of it, and damage that is a part of that.
        _guest.Do(SetScanoutRequest(0, 1, new VirtioGpuRect(16, 8, 40, 20)));
        _guest.Do(FlushRequest(1, s_all));
        Assert.True(_gpu.Display.RunUntil(() => _gpu.Display.Frames > 1));
        AssertRows(_gpu.Display.Pictures[0]!, 16, 8);
        _guest.Memory.Field<uint>(backing + (((10 * Width) + 20) * 4)) = 0xFF12_3456;
        _guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, 1, 1, new VirtioGpuRect(20, 10, 1, 1), ((10 * Width) + 20) * 4, Width * 4));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(20, 10, 1, 1)));
        Assert.True(_gpu.Display.RunUntil(() => _gpu.Display.Frames > 2));
        Assert.Equal(0xFF12_3456, _gpu.Display.Pictures[0]![20 - 16, 10 - 8]);
        Assert.Equal(0xFF00_0000 | (11 << 8) | 20u, _gpu.Display.Pictures[0]![20 - 16, 11 - 8]);
    }

    [Fact]
    public void Picture2d_InVirglrenderer_IsShownAndAttachesToAContext()
    {
        _guest.Create2d(1, Width, Height);
        ulong backing = _guest.AttachFresh(1, (int)(Width * Height * 4));
        for (uint i = 0; i < Width * Height; i++)
        {
            _guest.Memory.Field<uint>(backing + (i * 4)) = 0xFF00_0000 | (i / Width << 8) | (i % Width);
        }

        _guest.Do(TransferRequest(1, s_all, 0));
        // The last pixel alone, which lies at the end of the backing.
        _guest.Do(TransferRequest(1, new VirtioGpuRect(Width - 1, Height - 1, 1, 1), ((Width * Height) - 1) * 4));
        _guest.Do(SetScanoutRequest(0, 1, s_all));
        _guest.Do(FlushRequest(1, s_all));
        Assert.True(_gpu.Display.RunUntil(() => _gpu.Display.Frames > 0));
        AssertRows(_gpu.Display.Pictures[0]!, 0, 0);
        _guest.CreateContext(1);
        _guest.Do(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 1, context: 1));
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));
    }

    [Fact]
    public void Reboot_TenTimes_FencesAndRenderingGoOn()
    {
        for (int i = 0; i < 10; i++)
        {
            PrepareTarget(topDown: true);
            ulong backing = _guest.AttachFresh(1, (int)(Width * Height * 4));
            byte[] stream = new VirglStream().Clear(0, 0, i / 10f, 1).Bytes;
            _ = _guest.SubmitAndWait(1, stream, 1);
            _guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, 1, 1, s_all, 0, Width * 4));
            AssertColour((0, 0, (byte)Math.Round(i * 25.5), 255), Read(backing, 1)[0]);
            // One fence is on its way when the guest goes.
            byte[] request = GpuGuest.Bytes(Fenced(SubmitRequest(1, stream), 2), stream);
            _ = _guest.Control.Offer(request, 24);
            _guest.Reboot(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        }

        Assert.False(_gpu.HasExited, _gpu.Errors);
    }

    [Fact]
    public void Disconnect_OfTheGuest_EndsTheProcessInOrder()
    {
        _guest.FrontEnd.Dispose();

        Assert.Equal(0, _gpu.WaitForExit().ExitStatus);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        TestContext.Current.TestOutputHelper?.WriteLine(_gpu.Errors);
        _guest.Dispose();
        _gpu.Dispose();
    }

    private static void AssertColour((byte Red, byte Green, byte Blue, byte Alpha) expected, uint pixel)
    {
        // Drivers round halves either way.
        Assert.InRange((byte)(pixel >> 16), Math.Max(0, expected.Red - 1), expected.Red + 1);
        Assert.InRange((byte)(pixel >> 8), Math.Max(0, expected.Green - 1), expected.Green + 1);
        Assert.InRange((byte)pixel, Math.Max(0, expected.Blue - 1), expected.Blue + 1);
        Assert.Equal(expected.Alpha, (byte)(pixel >> 24));
    }

    private static void AssertRows(TestDisplay.Picture picture, uint left, uint top)
    {
        for (uint y = 0; y < picture.Configuration.Height; y++)
        {
            for (uint x = 0; x < picture.Configuration.Width; x++)
            {
                Assert.Equal(0xFF00_0000 | ((y + top) << 8) | (x + left), picture[x, y] | 0xFF00_0000);
            }
        }
    }

    /// <summary>Context 1, texture 1 attached to it and bound as its framebuffer.</summary>
    private void PrepareTarget(bool topDown)
    {
        _guest.CreateContext(1);
        _guest.Do(Texture2d(1, Width, Height, topDown));
        _guest.Do(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 1, context: 1));
        byte[] stream = new VirglStream()
            .CreateSubContext(1)
            .CreateSurface(2, 1, (uint)VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM)
            .SetFramebuffer(2)
            .Bytes;
        _guest.Do(SubmitRequest(1, stream), stream);
    }

    private uint[] Read(ulong address, uint count) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(_guest.Memory.Span(address, (int)count * 4)).ToArray();
}

/// <summary>virglrenderer 1.1 of Debian 13.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class Virgl11RuntimeTests() : VirglRuntimeTests(RuntimeGpu.Trixie);

/// <summary>virglrenderer 1.1 without its fence thread: fences are polled for.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class Virgl11PollingTests() : VirglRuntimeTests(RuntimeGpu.Trixie, "VIRGL_DISABLE_MT=1");

/// <summary>virglrenderer 1.3.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class Virgl13RuntimeTests() : VirglRuntimeTests(RuntimeGpu.Forky);

/// <summary>What this host has, its GPU included.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class VirglHostTests() : VirglRuntimeTests(RuntimeGpu.Host);
