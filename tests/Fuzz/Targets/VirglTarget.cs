using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Tests.Replay;
using SplitVmm.GpuProcess.Tests.Virgl;

namespace SplitVmm.Fuzz.Targets;

/// <summary>
/// The recorder that reads the guest's virgl commands along, and the replay of what it kept: an input is a command
/// stream. What was recorded can always be adopted by a successor.
/// </summary>
internal static class VirglTarget
{
    public static Target Create() => new("virgl", Seeds, Run);

    private static byte[][] Seeds() =>
    [
        new VirglStream().CreateSubContext(1).CreateSurface(2, 3, 2).SetFramebuffer(2).Clear(0.1f, 0.2f, 0.3f, 1).Bytes.ToArray(),
        new VirglStream().CreateSurface(1, 1, 1).CreateSurface(2, 2, 1).SetFramebuffer(1).SetFramebuffer(2).Bytes.ToArray(),
    ];

    private static void Run(byte[] input)
    {
        using var rig = new RecorderRig(limit: 64 << 10, size: 1 << 20);
        rig.Submit(MemoryMarshal.Cast<byte, uint>(input.AsSpan(0, input.Length / 4 * 4)));
        _ = rig.Replay();
    }
}
