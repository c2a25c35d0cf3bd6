using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>An unmodified guest draws on while the renderer in gpu-process refuses every third fence.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class RefusedFenceTests(LabMachine lab)
{
    private const string Libraries = "/usr/lib/x86_64-linux-gnu";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    [Fact]
    public void Kmscube_EveryThirdFenceRefused_DrawsOn()
    {
        lab.Start();
        string shim = RefusedFences.Build(SourceTree.OutputFolder("lab-refused-fences"));

        // The programs come from the lab's own folders of libraries, as they would on a desktop.
        AsRoot($"cd {Libraries}; mv \"$(readlink -f libvirglrenderer.so.1)\" {RefusedFences.RealName}; " +
            $"readlink libvirglrenderer.so.1 >real-name; rm libvirglrenderer.so.1; cp /repo/{Path.GetRelativePath(SourceTree.Root, shim)} libvirglrenderer.so.1");
        GuestRun run;
        try
        {
            run = new Guest("cube-refused-fences", "refused-fences")
            {
                Display = "headless,frame-interval=300",
                ShotOn = ["kmscube=^Rendered [1-9]"],
            }.RunUnderSplitVmm();
        }
        finally
        {
            // Whatever comes next finds the lab as it was; a lab that died in between never had the shim.
            AsRoot($"cd {Libraries}; [ ! -e {RefusedFences.RealName} ] || " +
                $"{{ mv {RefusedFences.RealName} \"$(cat real-name)\"; ln -sf \"$(cat real-name)\" libvirglrenderer.so.1; rm real-name; }}");
        }

        Assert.Contains("response 0x1200 (command 0x207)", run.Console, StringComparison.Ordinal);
        Assert.Contains("Rendered 59 frames", run.Console, StringComparison.Ordinal);
        Assert.Contains("kmscube ended with 0", run.Console, StringComparison.Ordinal);
        Assert.True(run.Shot("kmscube").CountDistinctColours() > 300, "no shaded cube");
        Assert.Equal(0, run.ExitStatus);
    }

    private static void AsRoot(string script)
    {
        RunResult result = LabMachine.RunAsRoot("set -e; " + script, s_limit);
        Assert.True(result.ExitStatus == 0, result.StandardError);
    }
}
