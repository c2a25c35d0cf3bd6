using System.Globalization;
using SplitVmm.Harness;

namespace SplitVmm.Microguest.Tests;

/// <summary>
/// The freestanding guest of <c>tests/microguest</c> under the real three processes on this machine's KVM. The guest
/// checks every answer itself and counts its checks; a wrong one is a line <c>MG: fail</c>.
/// </summary>
internal sealed class MicroguestRun
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    private MicroguestRun(RunResult result, string frames)
    {
        Result = result;
        Frames = frames;
    }

    public RunResult Result { get; }

    /// <summary>The folder with <c>latest.png</c>.</summary>
    public string Frames { get; }

    /// <summary>Everything that was printed, for a failed test.</summary>
    public string Transcript => $"{Result.StandardOutput}\n{Result.StandardError}";

    /// <param name="test">The guest's <c>test=</c>, and words after it.</param>
    /// <param name="gpu">The value of <c>--gpu</c>.</param>
    /// <param name="environment">Further variables of splitvmm's.</param>
    /// <param name="runtime">The root file system of gpu-process; null: parts of this machine's.</param>
    /// <param name="meanwhile">Done while the guest runs, with the folder of <c>latest.png</c>.</param>
    public static MicroguestRun Of(
        string test,
        int cpus = 1,
        string memory = "512M",
        string gpu = "virgl=off",
        GpuRuntime? runtime = null,
        IReadOnlyDictionary<string, string>? environment = null,
        Action<ChildProgram, string>? meanwhile = null)
    {
        Needs.Kvm();
        string frames = SourceTree.OutputFolder($"microguest-{test.Replace(' ', '-').Replace('=', '-')}-{gpu.Replace('=', '-')}");
        using var program = ChildProgram.Start(
            SourceTree.Executable("splitvmm"),
            [
                "run", "--kernel", SourceTree.Path("out", "microguest", "microguest.elf"), "--append", $"test={test}",
                "--memory", memory, "--cpus", cpus.ToString(CultureInfo.InvariantCulture),
                "--gpu", gpu, "--display", "headless", "--frames", frames,
                .. runtime is null ? Array.Empty<string>() : ["--gpu-runtime", runtime.Root],
            ],
            environment);
        meanwhile?.Invoke(program, frames);
        program.CloseInput();
        return new MicroguestRun(program.WaitForExit(s_limit), frames);
    }

    /// <summary>Values of <c>MG: metric NAME VALUE UNIT</c>, with their unit.</summary>
    public IEnumerable<string> Metrics() => GuestMetrics.Lines(Result.StandardOutput);
}
