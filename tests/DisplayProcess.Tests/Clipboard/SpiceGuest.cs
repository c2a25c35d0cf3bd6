using SplitVmm.Harness;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>
/// The desktop of a guest without the guest: Debian's spice-vdagentd, spice-vdagent and xclip, out of the image
/// guest-clipboard, on the host's kernel and an X server of the test's. In place of the port the daemon has a socket, which it
/// takes as well.
/// </summary>
internal sealed class SpiceGuest : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly string _folder;
    private readonly List<ChildProgram> _programs = [];
    private readonly string _display;

    /// <summary>Unpacks the image; skips the calling test where that, or a cage for it, cannot be had.</summary>
    /// <param name="name">Of its folder.</param>
    /// <param name="display">The X server's.</param>
    public SpiceGuest(string name, string display)
    {
        _display = display;
        _ = Needs.Program("bwrap", "bubblewrap");
        _ = Needs.Program("cpio", "cpio");
        string image = Needs.Image("guest-clipboard");
        _folder = SourceTree.OutputFolder(name);
        foreach (string folder in (string[])["root", "run/spice-vdagentd", "tmp/.X11-unix"])
        {
            _ = Directory.CreateDirectory(Path.Combine(_folder, folder));
        }

        RunResult unpacked = ChildProgram.Run("sh", ["-ec", $"cd '{_folder}/root'; cpio -idm --quiet <'{image}/overlay.cpio'"], s_limit);
        Assert(unpacked.ExitStatus == 0, unpacked.StandardError);
        Port = Path.Combine(_folder, "run", "port");
    }

    /// <summary>Where the daemon connects to: to be listened on before <see cref="Start"/>.</summary>
    public string Port { get; }

    /// <summary>What the two agents have said.</summary>
    public string Said => string.Join('\n', _programs.Select(program => program.StandardError + program.StandardOutput));

    public void Start()
    {
        // Without a session manager, and with a mouse that goes nowhere.
        Stay("/usr/sbin/spice-vdagentd", "-x", "-X", "-d", "-f", "-u", "/dev/null", "-s", "/run/port");
        Stay("/usr/bin/spice-vdagent", "-x", "-d", "-s", "/run/port");
    }

    /// <summary>Somebody copies a text in the guest. The program stays, to hand it out.</summary>
    public void Copy(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "tmp", "text"), text);
        Stay("/usr/bin/xclip", "-quiet", "-selection", "clipboard", "-i", "/tmp/text");
    }

    /// <summary>Begins to paste in the guest; the text is the output of the program, which is the caller's.</summary>
    public ChildProgram Paste() => Launch("/usr/bin/xclip", "-selection", "clipboard", "-o");

    public void Dispose()
    {
        foreach (ChildProgram program in Enumerable.Reverse(_programs))
        {
            program.Dispose();
        }
    }

    private void Stay(params string[] command) => _programs.Add(Launch(command));

    private ChildProgram Launch(params string[] command) => ChildProgram.Start(
        "bwrap",
        [
            "--bind", $"{_folder}/root/usr", "/usr", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/lib", "/lib",
            "--symlink", "usr/bin", "/bin", "--bind", $"{_folder}/run", "/run", "--bind", $"{_folder}/tmp", "/tmp",
            "--ro-bind", "/tmp/.X11-unix", "/tmp/.X11-unix", "--dev", "/dev", "--proc", "/proc", "--die-with-parent", "--clearenv",
            "--setenv", "PATH", "/usr/bin", "--setenv", "HOME", "/tmp", "--setenv", "DISPLAY", _display, "--", .. command,
        ]);

    private static void Assert(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InvalidOperationException(problem);
        }
    }
}
