using System.Globalization;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.Wires.Display;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>The options of each process that are not descriptors (docs/architecture.md, command lines).</summary>
internal static class CommandLines
{
    public static IReadOnlyList<string> Of(ProcessRole role, RunOptions options) => role switch
    {
        ProcessRole.Core => Core(options),
        ProcessRole.Venus => [],
        ProcessRole.Gpu => options.Gpu is { Length: > 0 } gpu ? ["--gpu", gpu] : [],
        _ => Display(options),
    };

    /// <summary>
    /// Monitors: one for each scanout of the GPU. A number that cannot be is refused by gpu-process, which it is meant for.
    /// </summary>
    public static int HeadsOf(RunOptions options) =>
        KeyValues.Of(options.Gpu ?? "", "max_outputs").LastOrDefault() is { } outputs
            && int.TryParse(outputs, NumberStyles.None, CultureInfo.InvariantCulture, out int heads) && heads is >= 1 and <= DisplayProtocol.MaxScanouts
            ? heads
            : 1;

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
        if (options.Display.HasTouch)
        {
            arguments.Add("--touch");
        }

        foreach (string device in options.VhostUser)
        {
            arguments.AddRange(["--vhost-user", device]);
        }

        return arguments;
    }

    private static List<string> Display(RunOptions options)
    {
        List<string> arguments = ["--backend", options.Display.Backend == DisplayBackend.Sdl ? "sdl" : "headless"];
        if (HeadsOf(options) is > 1 and int heads)
        {
            arguments.AddRange(["--heads", heads.ToString(CultureInfo.InvariantCulture)]);
        }

        foreach ((string key, string value) in options.Display.Options)
        {
            arguments.AddRange(["--" + key, value]);
        }

        return arguments;
    }
}
