namespace SplitVmm.Microguest.Tests.Chaos;

/// <summary>What the microguest does while it is attacked.</summary>
/// <param name="Words">Its command line.</param>
/// <param name="Gpu">The value of <c>--gpu</c>.</param>
internal sealed record ChaosGuest(string Words, string Gpu)
{
    /// <summary>Draws without end, with many commands in flight.</summary>
    public static ChaosGuest Drawing { get; } = new("test=chaos hold=key", "virgl=off,blob=on,hostmem=64M");

    /// <summary>Programs of DRM native contexts, which wait for work that does not end.</summary>
    public static ChaosGuest OfNativeContexts(int rounds) =>
        new($"test=nativelost native hold=key rounds={rounds}", "context-types=drm,blob=on,hostmem=64M");
}
