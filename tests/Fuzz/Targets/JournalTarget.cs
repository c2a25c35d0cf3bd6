using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;

namespace SplitVmm.Fuzz.Targets;

/// <summary>A gpu-process that finds a journal: an input is what lies at its beginning. The device then serves a guest.</summary>
internal static class JournalTarget
{
    private const int KeptBytes = 64 << 10;

    public static Target Create() => new("journal", Seeds, Run);

    private static byte[][] Seeds()
    {
        using var empty = new JournalImage();
        empty.Open().Dispose();
        using var used = new JournalImage();
        using (var gpu = new InProcessGpu(journal: used.File))
        using (GpuGuest guest = gpu.Connect(1 << 20))
        {
            guest.Start();
            guest.Create2d(1, 64, 64);
            guest.Create2d(2, 8, 8);
            gpu.Kill();
        }

        return [empty.Bytes[..KeptBytes].ToArray(), used.Bytes[..KeptBytes].ToArray()];
    }

    private static void Run(byte[] input)
    {
        using var image = new JournalImage();
        input.AsSpan(0, Math.Min(input.Length, image.Bytes.Length)).CopyTo(image.Bytes);
        using var retired = new RetiredFences();
        using var gpu = new InProcessGpu(
            renderer: new FakeRenderer3d(retired) { RetiresAtOnce = true, KeepsStreams = false }, retired: retired, journal: image.File);
        using GpuGuest guest = gpu.Connect(1 << 20);
        guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        guest.Reboot();
        guest.Create2d(1, 8, 8);
        if (gpu.Failure is { } failure)
        {
            throw failure;
        }
    }
}
