using System.Globalization;
using SplitVmm.DesktopService.CommandLine;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>The options of each process that are not descriptors (docs/architecture.md, command lines).</summary>
internal static class CommandLines
{
    public static IReadOnlyList<string> Of(ProcessRole role, RunOptions options) => role switch
    {
        ProcessRole.Core => Core(options),
        ProcessRole.Venus => [],
        ProcessRole.Gpu => options.Gpu is { Length: > 0 } gpu ? ["--gpu", gpu] : [],
        _ => Display(options.Display),
    };

    private static List<string> Core(RunOptions options)
    {
        List<string> arguments = ["--kernel", options.Kernel];
        if (options.Initrd is { } initrd)
        {
            arguments.AddRange(["--initrd", initrd]);
        }

        if (options.Append.Length > 0)
        {
            // One word: a kernel's arguments may begin with dashes.
            arguments.Add("--append=" + options.Append);
        }

        arguments.AddRange(["--memory", options.Memory.ToString()]);
        arguments.AddRange(["--cpus", options.Cpus.ToString(CultureInfo.InvariantCulture)]);
        arguments.AddRange(["--serial", options.Serial.IsNone ? "none" : "stdio"]);
        foreach (string device in options.VhostUser)
        {
            arguments.AddRange(["--vhost-user", device]);
        }

        return arguments;
    }

    private static List<string> Display(DisplayChoice display)
    {
        List<string> arguments = ["--backend", display.Backend == DisplayBackend.Sdl ? "sdl" : "headless"];
        foreach ((string key, string value) in display.Options)
        {
            arguments.AddRange(["--" + key, value]);
        }

        return arguments;
    }
}
