using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>gpu-process is killed while the guest has its memory mapped and looks at it.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class BlobRecoveryTests
{
    [Fact]
    public void Kill_WhileMapped_EmptiesTheWindowAndTheGuestGoesOn() =>
        BlobLostRun.Of("", "virgl=off,blob=on,hostmem=64M", _ => "gpu-process").Passed();
}
