using System.Globalization;
using System.IO.Compression;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// Linux guests with DRM native contexts, on GPUs of software in the cage of gpu-process. Nothing executes what is submitted, so that
/// pictures are blank.
/// </summary>
[Trait("Tier", Tiers.Lab)]
public sealed class NativeContextTests(LabMachine lab)
{
    /// <summary>Rounds of the guest's program; 10000 for a long run.</summary>
    private static readonly int s_rounds =
        int.Parse(Environment.GetEnvironmentVariable("SPLITVMM_NATIVE_ROUNDS") ?? "30", CultureInfo.InvariantCulture);

    /// <summary>What the guests ask is written down for the fuzzing tests, in place of what they have (docs/testing.md).</summary>
    private static readonly bool s_records = Environment.GetEnvironmentVariable("SPLITVMM_NATIVE_RECORD") == "1";

    /// <summary>Frames of kmscube.</summary>
    private static readonly int s_frames = s_records ? 4 : 200;

    /// <summary>A driver that nobody here wrote: Mesa's, as Debian has built it; and then our program.</summary>
    [Fact]
    public void Mesa_DrawsByANativeContext()
    {
        GuestRun run = Run("asahi", "native-mesa", hasMesa: true);

        Assert.Contains("number of cap sets: 1", run.Console, StringComparison.Ordinal);
        Assert.Contains("OpenGL core profile renderer: Apple M1 (G13G B1)", run.Console, StringComparison.Ordinal);
        Assert.Contains("eglinfo ended with 0", run.Console, StringComparison.Ordinal);
        Assert.Matches("renderer: \"Apple M1", run.Console);
        Assert.Contains($"Rendered {s_frames - 1} frames", run.Console, StringComparison.Ordinal);
        Assert.Contains("kmscube ended with 0", run.Console, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("msm")]
    [InlineData("amdgpu")]
    [InlineData("i915")]
    public void GuestProgram_DoesAllThatMesaDoes(string driver) => _ = Run(driver, "native", hasMesa: false);

    private GuestRun Run(string driver, string job, bool hasMesa)
    {
        lab.Start();
        LabMachine.BringSoftwareGpu();
        string program = GuestProgram.Build("nativeguest", SourceTree.OutputFolder("native-guest"));
        GuestRun run = new Guest($"native-{driver}", job)
        {
            SoftwareGpu = driver,
            HasNativeMesa = hasMesa,
            IsSmall = !hasMesa,
            Memory = hasMesa ? "1536M" : "1G",
            Files = [program, .. hasMesa ? [SourceTree.Path("tests", "Lab.Tests", "jobs", "native")] : Array.Empty<string>()],
            // In its cage gpu-process could not write a recording.
            Options = "--gpu context-types=drm,blob=on,hostmem=256M" + (s_records ? " --sandbox=off" : ""),
            Variables = s_records ? "GPU_SOFTWARE_RECORD=$r/session" : "",
            Append = $"splitvmm.driver={driver} splitvmm.rounds={s_rounds} splitvmm.frames={s_frames}",
            Deadline = TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(s_rounds),
        }.RunUnderSplitVmm();

        Assert.Contains($"renderer: DRM native contexts on a device of software ({driver} ", run.Console, StringComparison.Ordinal);
        Assert.Contains($"nativeguest: {driver} did {s_rounds} rounds", run.Console, StringComparison.Ordinal);
        Assert.Contains("nativeguest ended with 0", run.Console, StringComparison.Ordinal);
        Assert.Contains("native job ends", run.Console, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\*ERROR\*|hung task|soft lockup|BUG:|Oops|native context \d+: ", run.Console);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
        if (s_records)
        {
            Keep(run, driver);
        }

        return run;
    }

    private static void Keep(GuestRun run, string driver)
    {
        using FileStream recorded = File.OpenRead(Path.Combine(run.Folder, "session"));
        using var kept = new GZipStream(
            File.Create(SourceTree.Path("tests", "GpuProcess.Tests", "Native", "Sessions", driver + ".gz")), CompressionLevel.SmallestSize);
        recorded.CopyTo(kept);
    }
}
