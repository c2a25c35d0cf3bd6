using System.Globalization;
using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>
/// A renderer that refuses every third fence, in the real gpu-process: each request is answered once with its fence, in
/// order, and what the guest draws is right.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed partial class RefusedFenceTests
{
    private const string Libraries = "usr/lib/x86_64-linux-gnu";

    [Fact]
    public void Gpu3d_EveryThirdFenceRefused_GoesOn()
    {
        Needs.Kvm();
        string folder = SourceTree.OutputFolder("refused-fences");
        MicroguestRun run = MicroguestRun.Of("gpu3d refused", gpu: "virgl=on", runtime: new GpuRuntime(new DirectoryInfo(Runtime(folder))));

        Verdict.Passed(run);
        int refusals = int.Parse(Refusals().Match(run.Result.StandardOutput).Groups[1].Value, CultureInfo.InvariantCulture);
        // Of the 256 submissions in flight alone it is a third; other requests have fences too.
        Assert.True(refusals >= 256 / 3, run.Transcript);
    }

    /// <summary>The runtime of Debian 13 with the shim in front of its library; its files are shared, as far as the disk allows.</summary>
    private static string Runtime(string folder)
    {
        string root = Path.Combine(folder, "root");
        RunResult copied = ChildProgram.Run(
            "sh",
            ["-c", "cp -al \"$1\" \"$2\" 2>/dev/null || { rm -rf \"$2\"; cp -a \"$1\" \"$2\"; }", "sh", new GpuRuntime().Root, root],
            TimeSpan.FromMinutes(5));
        Assert.True(copied.ExitStatus == 0, copied.StandardError);
        string library = Path.Combine(root, Libraries, "libvirglrenderer.so.1");
        string target = File.ResolveLinkTarget(library, returnFinalTarget: true)!.FullName;
        File.Move(target, Path.Combine(root, Libraries, RefusedFences.RealName));
        File.Delete(library);
        File.Copy(RefusedFences.Build(folder), library);
        return root;
    }

    [GeneratedRegex(@"MG: ok gpu3d .*refusals=(\d+)")]
    private static partial Regex Refusals();
}
