using System.Globalization;
using System.Runtime.InteropServices;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>
/// <c>splitvmm run</c> with stand-ins for the processes, each of which can be told how and when to fail.
/// </summary>
internal sealed partial class StandInRun : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-test-").FullName;

    /// <param name="script">See the stand-ins' Script.</param>
    /// <param name="arguments">After <c>run --sandbox=off --kernel kernel --display headless</c>: stand-ins are scripts, which no cage would start.</param>
    public StandInRun(string script, params string[] arguments)
        : this(script, (string?)null, arguments)
    {
    }

    /// <param name="environment">Further variables.</param>
    public StandInRun(string script, Dictionary<string, string> environment, params string[] arguments)
        : this(script, null, arguments, environment)
    {
    }

    public StandInRun(string script, string? terminal, string[] arguments, Dictionary<string, string>? further = null)
        : this(
            script,
            terminal,
            further,
            ["run", "--sandbox=off", "--kernel", "kernel", .. WithDisplay(arguments)])
    {
    }

    private StandInRun(string script, string? terminal, Dictionary<string, string>? further, string[] all)
    {
        Dictionary<string, string> environment = StandInPrograms.Write(_folder);
        environment["STANDIN"] = script;
        environment["TERM"] = "xterm";
        environment["XDG_RUNTIME_DIR"] = _folder;
        foreach ((string key, string value) in further ?? [])
        {
            environment[key] = value;
        }

        // A terminal must be the controlling one, as in real life, for Ctrl-C and for job control.
        Program = terminal is null
            ? ChildProgram.Start(SplitVmmProgram, all, environment)
            : ChildProgram.Start(
                "/bin/sh",
                ["-c", "echo $$ >\"$2\"; exec <\"$1\" >\"$1\" 2>&1; shift 2; exec setsid -c -w \"$@\"", "sh", terminal, Path("shell"), SplitVmmProgram, .. all],
                environment);
    }

    public ChildProgram Program { get; }

    /// <summary><c>splitvmm run NAME</c> with further arguments.</summary>
    public static StandInRun OfDefinition(string name, Dictionary<string, string> environment, params string[] arguments) =>
        new("", null, environment, ["run", name, .. arguments]);

    public static string SplitVmmProgram => StandInPrograms.SplitVmm;

    public string Path(string name) => System.IO.Path.Combine(_folder, name);

    public RunResult WaitForExit() => Program.WaitForExit(Limit);

    /// <summary>The guest switches itself off; waits for the end of everything.</summary>
    public RunResult PowerOff()
    {
        Program.WriteLine("off");
        return WaitForExit();
    }

    public void WaitForGuest() =>
        Assert.True(Program.WaitForOutput("guest: up", Limit), "the guest was not started: " + Program.StandardError);

    public void Signal(int signal) => Assert.Equal(0, kill(Program.Pid, signal));

    /// <summary>The processes that were started and have not ended.</summary>
    public string[] Alive() => [.. StandInPrograms.Roles.Where(role => Pid(role) is { } pid && IsAlive(pid))];

    /// <summary>The folder of running machines is there, with the control socket of one at least.</summary>
    public bool HasSocket => Directory.Exists(Path("splitvmm"));

    public int? Pid(string role) =>
        File.Exists(Path(role + ".pid")) && int.TryParse(File.ReadAllText(Path(role + ".pid")), CultureInfo.InvariantCulture, out int pid)
            ? pid
            : null;

    /// <summary>How often a process of the role was started.</summary>
    public int Starts(string role) => File.Exists(Path(role + ".starts")) ? File.ReadAllLines(Path(role + ".starts")).Length : 0;

    public static void Signal(int? pid, int signal) => Assert.Equal(0, kill(pid ?? throw new InvalidOperationException("no such process"), signal));

    public bool WaitUntilNoneAlive(TimeSpan limit)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (Alive().Length > 0)
        {
            if (clock.Elapsed > limit)
            {
                return false;
            }

            Thread.Sleep(20);
        }

        return true;
    }

    public void Dispose()
    {
        Program.Dispose();
        foreach (string role in StandInPrograms.Roles)
        {
            // A test that fails must not leave what it was testing for.
            if (Pid(role) is { } pid && IsAlive(pid))
            {
                _ = kill(pid, 9);
            }
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string[] WithDisplay(string[] arguments) =>
        arguments.Contains("--display") ? arguments : ["--display", "headless", .. arguments];

    private static bool IsAlive(int pid)
    {
        try
        {
            // The state follows the name in parentheses; a zombie has ended.
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')')..][2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
