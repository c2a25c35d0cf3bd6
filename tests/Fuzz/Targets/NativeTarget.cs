using SplitVmm.GpuProcess.Tests.Native;
using SplitVmm.GpuProcess.Tests.Native.Sessions;
using SplitVmm.SoftwareDrm.Sessions;

namespace SplitVmm.Fuzz.Targets;

/// <summary>The native contexts of one kernel driver, on a GPU of software: an input is all that a guest does (<see cref="SessionFile"/>).</summary>
internal static class NativeTarget
{
    /// <summary>Events of one input to begin with: what is short is changed more thoroughly.</summary>
    private const int SeedEvents = 60;

    public static Target Create(string driver) => new($"native-{driver}", () => Seeds(driver), input => Run(driver, input));

    private static byte[][] Seeds(string driver) =>
        [.. NativeSeeds.Sessions(driver).Select(session => SessionFile.Write(session.Take(SeedEvents)))];

    private static void Run(string driver, byte[] input)
    {
        using var player = new SessionPlayer(NativeSeeds.Device(driver));
        player.Play(SessionFile.Read(input));
    }
}
