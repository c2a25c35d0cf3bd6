namespace SplitVmm.Harness;

/// <summary>
/// What a test needs of the machine it runs on (docs/testing.md). Every test class carries one as a trait:
/// <c>[Trait("Tier", Tiers.Unit)]</c>. A class that compares speeds also has <c>[Trait("Machine", "quiet")]</c> and is run
/// when nothing else is.
/// </summary>
public static class Tiers
{
    /// <summary>Nothing but .NET.</summary>
    public const string Unit = "unit";

    /// <summary>A <c>/dev/kvm</c> of any kind, and gcc for the freestanding guest.</summary>
    public const string Microguest = "microguest";

    /// <summary>The lab: QEMU and the images of <c>packaging/</c>.</summary>
    public const string Lab = "lab";

    /// <summary>A program that this project did not write, named by the test.</summary>
    public const string Peers = "peers";
}
