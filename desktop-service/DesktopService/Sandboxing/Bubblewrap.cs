using System.Text.RegularExpressions;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>The program <c>bwrap</c>: where it is, whether it works here, and how a process is started by it.</summary>
internal static partial class Bubblewrap
{
    private const string Lost = "the processes are not in namespaces of their own, and only Landlock and the filter of system calls hold them";

    /// <summary>Where it is installed; null: nowhere on PATH.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':')
        .Where(Path.IsPathRooted)
        .Select(folder => Path.Combine(folder, "bwrap"))
        .FirstOrDefault(File.Exists);

    /// <summary>Makes a cage and leaves it again, because only the kernel knows whether this user may.</summary>
    /// <returns>Null: it works. Otherwise one line: what is missing, what is lost by it, and the remedy.</returns>
    public static string? WhyNot(string? program)
    {
        if (program is null)
        {
            return $"bubblewrap is missing: {Lost}; install the package bubblewrap";
        }

        using Descriptor nothing = OpenFile.Null();
        Pipe errors = Pipe.Create();
        using Descriptor readEnd = errors.ReadEnd;
        ChildProcess probe;
        using (errors.WriteEnd)
        {
            probe = PosixSpawn.Start(new SpawnRequest(
                program,
                ["--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--", program, "--version"],
                [nothing, nothing, errors.WriteEnd]));
        }

        string said = OneLine.Clean(ReadToEnd(readEnd, stopAt: null));
        using (probe)
        {
            return probe.Reap(TimeSpan.FromSeconds(10)).IsSuccess ? null : Explain(said);
        }
    }

    /// <summary>Waits until bubblewrap has told the number of the process that it made.</summary>
    /// <param name="information">Read end of its <c>--info-fd</c>.</param>
    /// <returns>The number as this program sees it; null: it failed, and said why on standard error.</returns>
    public static int? ReadChildPid(Descriptor information)
    {
        Match found = ChildPid().Match(ReadToEnd(information, stopAt: '}'));
        return found.Success ? int.Parse(found.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    private static string Explain(string said)
    {
        const string AppArmor = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
        const string Debian = "/proc/sys/kernel/unprivileged_userns_clone";
        string remedy = 0 switch
        {
            _ when ReadSetting(AppArmor) == "1" =>
                "AppArmor forbids user namespaces: give bwrap a profile with 'userns,' in /etc/apparmor.d, or set kernel.apparmor_restrict_unprivileged_userns=0",
            _ when ReadSetting(Debian) == "0" => "user namespaces are switched off: set kernel.unprivileged_userns_clone=1",
            _ when ReadSetting("/proc/sys/user/max_user_namespaces") == "0" => "user namespaces are switched off: set user.max_user_namespaces to some thousands",
            _ => "the kernel or a container around this program refuses namespaces",
        };
        return $"bubblewrap does not work here ({said}): {Lost}; {remedy}";
    }

    private static string? ReadSetting(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;

    private static unsafe string ReadToEnd(Descriptor pipe, char? stopAt)
    {
        const int Most = 4096;
        byte* buffer = stackalloc byte[Most];
        int length = 0;
        while (length < Most)
        {
            // The rest of the buffer of this frame.
            nint count = Libc.read(pipe.Number, buffer + length, (nuint)(Most - length));
            if (count < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Errno.EINTR)
            {
                continue;
            }

            length += (int)Math.Max(count, 0);
            if (count <= 0 || (stopAt is { } last && buffer[length - 1] is var end && (end == last || (end == '\n' && length > 1 && buffer[length - 2] == last))))
            {
                break;
            }
        }

        return System.Text.Encoding.UTF8.GetString(buffer, length);
    }

    [GeneratedRegex("\"child-pid\": *([0-9]+)")]
    private static partial Regex ChildPid();
}
