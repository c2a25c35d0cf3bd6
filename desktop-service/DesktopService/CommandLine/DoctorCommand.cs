using System.CommandLine;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Doctor;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary><c>splitvmm doctor</c>: what this host can run, and what to do about the rest.</summary>
internal sealed class DoctorCommand
{
    private const int UsualWidth = 110;

    private readonly Option<bool> _json = new("--json") { Description = "print JSON (docs/doctor.md)" };

    private readonly Option<string?> _gpuRuntime = new("--gpu-runtime")
    {
        HelpName = "DIR",
        Description = "look at the graphics libraries in this root file system, instead of the host's",
    };

    public DoctorCommand()
    {
        Command = new Command("doctor", "Check what this host can run; exit status 0: a machine with a picture, 1: none") { _json, _gpuRuntime };
        Command.SetAction(result => Run(result.GetValue(_json), result.GetValue(_gpuRuntime)));
    }

    public Command Command { get; }

    private static int Run(bool json, string? gpuRuntime)
    {
        if (gpuRuntime is not null && !Directory.Exists(Path.Combine(gpuRuntime, "usr")))
        {
            OutputFile.StandardError.WriteLine(
                $"splitvmm: --gpu-runtime {OneLine.Clean(gpuRuntime)}: there is no root file system; packaging/image gpu-runtime-trixie makes one, as DIR/root");
            return ExitStatus.WrongUsage;
        }

        string? root = gpuRuntime is null ? null : Path.GetFullPath(gpuRuntime);
        using var probes = new CagedProbes(root);
        HostDiagnosis diagnosis = Examination.Run(new Evidence(new RealHost(), probes, root));
        OutputFile output = OutputFile.StandardOutput;
        output.WriteText(json ? DoctorJson.Write(diagnosis) + '\n' : new DoctorText(Width(output), HasColour(output)).Write(diagnosis));
        return diagnosis.CanRun ? ExitStatus.AsAsked : ExitStatus.Failed;
    }

    // https://no-color.org
    private static bool HasColour(OutputFile output) => output.IsTerminal
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb")
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private static unsafe int Width(OutputFile output)
    {
        Libc.WindowSize size = default;
        // The kernel writes the structure, which is ours.
        return output.IsTerminal && Libc.ioctl(output.Number, Libc.TIOCGWINSZ, &size) == 0 && size.Columns > 0 ? size.Columns : UsualWidth;
    }
}
