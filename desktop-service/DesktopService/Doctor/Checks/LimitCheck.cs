using System.Globalization;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Resource limits that the processes inherit (<c>getrlimit(2)</c>).</summary>
internal static class LimitCheck
{
    /// <summary>What gpu-process's policy asks for: a descriptor per blob and fence.</summary>
    private const long WantedFiles = 8192;

    public static Finding OpenFiles(IHost host)
    {
        const string Id = "open-files";
        const string Name = "Max open files";
        string? line = (host.ReadText("/proc/self/limits") ?? "").Split('\n').FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        string[] words = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (words.Length < 2)
        {
            return Finding.Unknown(Id, "open files", "/proc/self/limits does not say");
        }

        string hard = words[1];
        bool enough = !long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number >= WantedFiles;
        return enough
            ? Finding.Works(Id, "open files", $"up to {hard} a process")
            : Finding.Limited(
                Id, "open files", $"up to {hard} a process, where gpu-process may need {WantedFiles}",
                $"raise the hard limit to {WantedFiles} (LimitNOFILE= of systemd, or /etc/security/limits.conf)");
    }
}
