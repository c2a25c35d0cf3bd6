using SplitVmm.GpuProcess.Native.Amdgpu;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Native.I915;
using SplitVmm.GpuProcess.Native.Msm;
using SplitVmm.GpuProcess.Native.Uapi;
using SplitVmm.GpuProcess.Tests.Native.Sessions;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.SoftwareDrm;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>The budgets of native contexts in managed memory: nothing for any command, but for GEM objects, which stay.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeAllocationTests
{
    /// <summary>The object in its table, the resource, and the list of the contexts that have it.</summary>
    private const int BytesOfObject = 400;

    /// <summary>The context with its tables, and its page; the test's own part is among it.</summary>
    private const int BytesOfContext = 5200;

    /// <summary>The whole session of each driver, so that no command is forgotten.</summary>
    /// <param name="alone">Commands that can be sent again and again: questions, bindings, uploads, submissions.</param>
    /// <param name="pairs">
    /// Commands that make something of the kernel driver's which is no GEM object, each with the one that ends it, where the answer of
    /// the former has the kernel's name for it, and where the latter has it.
    /// </param>
    /// <param name="objects">Commands that make GEM objects, each with the blob id.</param>
    [Theory]
    // Address spaces; queues; special objects.
    [InlineData("asahi", new[] { 0, 1, 4, 6, 8 }, new[] { 2, 11, 24, 20, 3, 10, 20, 20, 7, 9, 8, 48 }, new[] { 5, 7 })]
    // Queues.
    [InlineData("msm", new[] { 0, 1, 4, 5, 6, 7, 8, 9, 10, 11 }, new[] { 2, 12, 16, 20 }, new[] { 3, 7 })]
    // Contexts; an address space of hardware, which has no name and was reserved in the session.
    [InlineData("amdgpu", new[] { 0, 1, 4, 5, 6, 7, 9, 10, 11 }, new[] { 2, 14, 8, 16, 13, 8, -1, -1 }, new[] { 3, 7, 12, 107 })]
    // Contexts, made by two commands; address spaces.
    [InlineData(
        "i915", new[] { 0, 1, 5, 6, 8, 9, 10, 11, 12, 13, 14 }, new[] { 2, 16, 8, 24, 4, 16, 12, 24, 3, 17, 20, 36 }, new[] { 7, 7, 15, 107 })]
    public void Commands_OfAWholeSession_AllocateNothingButObjects(string driver, int[] alone, int[] pairs, int[] objects)
    {
        using var meter = new CommandMeter(driver);
        var seen = new HashSet<int>(alone);
        foreach (int command in alone)
        {
            Assert.Equal((command, 0), (command, meter.BytesOf(command, Completion.AtOnce)));
            Assert.Equal((command, 0), (command, meter.BytesOf(command, Completion.ByHand)));
        }

        foreach (int[] pair in pairs.Chunk(4))
        {
            seen.UnionWith(pair[..2]);
            Assert.Equal((pair[0], 0), (pair[0], meter.BytesOfPair(pair[0], pair[1], pair[2], pair[3])));
        }

        foreach (int[] made in objects.Chunk(2))
        {
            _ = seen.Add(made[0]);
            Assert.InRange(meter.BytesOfObject(made[0], (uint)made[1]), 1, BytesOfObject);
        }

        Assert.Equal(Enumerable.Range(0, meter.Commands), seen.Order());
        Assert.Equal(0, meter.Refused);
    }

    [Theory]
    [InlineData("asahi")]
    [InlineData("msm")]
    [InlineData("amdgpu")]
    [InlineData("i915")]
    public void Submissions_ToTwoRingsWithFences_AllocateNothingAndLeaveNothing(string driver)
    {
        using var meter = new CommandMeter(driver);
        (byte[] stream, (uint, uint) rings) = TwoSubmissions(meter, driver);
        // The device remembers who has used an object last.
        _ = meter.BytesOfSubmissions(stream, rings, out _);
        var before = Holdings.OfThisProcess();
        Assert.Equal(0, meter.BytesOfSubmissions(stream, rings, out int fences));
        Assert.Equal(2, fences);
        Assert.Equal(0, meter.Refused);
        before.AssertNoMore();
    }

    /// <summary>A guest that does everything wrong costs no memory beyond the lines that are passed on.</summary>
    [Theory]
    [InlineData("asahi")]
    [InlineData("msm")]
    [InlineData("amdgpu")]
    [InlineData("i915")]
    public void Commands_ThatAreRefused_AllocateNothingButTheirLines(string driver)
    {
        using var meter = new CommandMeter(driver, linesPerSecond: 0);
        byte[][] wrong =
        [
            new VdrmStream().Add(Number.Unknown, default(VdrmCcmdReq)).Take(),
            new VdrmStream().Add(Number.OfAnObject, default(VdrmCcmdReq), new byte[64]).Take(),
            // Longer than the stream.
            [.. BitConverter.GetBytes(1), .. BitConverter.GetBytes(400), .. new byte[8]],
        ];
        Assert.All(wrong, stream => Assert.Equal(0, meter.BytesOfStream(stream)));
        Assert.InRange(meter.Refused, wrong.Length * 400, int.MaxValue);
        Assert.Empty(meter.Lines);
    }

    [Theory]
    [InlineData("asahi")]
    [InlineData("msm")]
    [InlineData("amdgpu")]
    [InlineData("i915")]
    public void Contexts_AllocateWhatIsKnownOfThem(string driver)
    {
        using var meter = new CommandMeter(driver);
        Assert.InRange(meter.BytesOfContext(), 1, BytesOfContext);
    }

    /// <summary>The way to the kernel, which the device of software stands in for in the other tests.</summary>
    [Fact]
    public unsafe void Ioctls_OfTheKernel_AllocateNothing()
    {
        using Descriptor file = KernelDrmFile.TryOpenDescriptor("/dev/null", out _)!;
        using KernelDrmFile node = KernelDrmFile.TryOpen("/dev/null", out _)!;
        long argument = 0;
        Assert.NotEqual(0, node.Ioctl(Drm.DRM_IOCTL_GEM_CLOSE, &argument));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _ = node.Ioctl(Drm.DRM_IOCTL_GEM_CLOSE, &argument);
            _ = node.Ioctl(file, DmaBuf.SYNC_IOC_FILE_INFO, &argument);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Both use the object that the session has made; asahi's name it as shared, to read and to write.</summary>
    private static (byte[] Stream, (uint First, uint Second) Rings) TwoSubmissions(CommandMeter meter, string driver)
    {
        const uint Blob = CommandMeter.Blob;
        var stream = new VdrmStream();
        switch (driver)
        {
            case "asahi":
                byte[] render = AsahiGuest.Render();
                byte[] tail = [.. render, .. VdrmStream.Bytes(
                    new AsahiCcmdSubmitRes { ResId = Blob, Flags = AsahiCcmdSubmitRes.ASAHI_EXTRES_READ | AsahiCcmdSubmitRes.ASAHI_EXTRES_WRITE })];
                // Of Mesa's ring; and the session's, whose work Mesa's ring waits for too.
                uint queue = meter.Rig.CreateQueue(CommandMeter.Context, 1, priority: 0);
                return (stream.Add(AsahiCcmd.ASAHI_CCMD_SUBMIT, AsahiGuest.SubmitRequest(queue, render, 1), tail)
                    .Add(AsahiCcmd.ASAHI_CCMD_SUBMIT, AsahiGuest.SubmitRequest(2, render, 1), tail).Take(), (1, 2));
            case "msm":
                uint other = meter.Rig.CreateMsmQueue(CommandMeter.Context, 1);
                return (stream.Add(MsmCcmd.MSM_CCMD_GEM_SUBMIT, MsmGuest.SubmitRequest(1), MsmGuest.SubmitTail(Blob))
                    .Add(MsmCcmd.MSM_CCMD_GEM_SUBMIT, MsmGuest.SubmitRequest(other), MsmGuest.SubmitTail(Blob)).Take(), (1, 2));
            case "amdgpu":
                byte[] chunks = AmdgpuGuest.Chunks(Blob, 1);
                return (stream.Add(AmdgpuCcmd.AMDGPU_CCMD_CS_SUBMIT, AmdgpuGuest.Submission(1, 4), chunks)
                    .Add(AmdgpuCcmd.AMDGPU_CCMD_CS_SUBMIT, AmdgpuGuest.Submission(1, 4) with { RingIdx = 2 }, chunks).Take(), (1, 2));
            default:
                I915CcmdGemExecbuffer2Req render3d = I915Guest.Execute(1);
                return (stream.Add(I915Ccmd.I915_CCMD_GEM_EXECBUFFER2, render3d, I915Guest.ExecuteTail(Blob))
                    .Add(I915Ccmd.I915_CCMD_GEM_EXECBUFFER2, render3d with { Flags = render3d.Flags + 1 }, I915Guest.ExecuteTail(Blob)).Take(), (2, 3));
        }
    }

    /// <summary>Commands that no driver has, or that have nothing right in them.</summary>
    private enum Number
    {
        /// <summary>The fifth of every driver is about an object, or makes one.</summary>
        OfAnObject = 5,
        Unknown = 999,
    }
}
