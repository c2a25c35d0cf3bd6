using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.Diagnosis;
using SplitVmm.Sandbox;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Where a picture can go.</summary>
internal static class DisplayChecks
{
    private const string Headless = "start from a desktop session, or use --display headless, which writes PNG files";

    public static IReadOnlyList<Finding> Run(Evidence evidence) => [Desktop(evidence.Host), Window(evidence.Display), WithoutWindow(evidence.Display)];

    private static Finding Desktop(IHost host)
    {
        const string Id = "desktop";
        if (DisplaySockets.NeedsNetwork(host.Variable))
        {
            return Finding.Limited(
                Id, "desktop", $"DISPLAY={host.Variable("DISPLAY")} names an X server behind the network: display-process keeps the network",
                "use a local display");
        }

        string[] sockets = [.. DisplaySockets.Find(host.Variable).Where(grant => grant.Use == FileUse.Write).Select(grant => grant.Path)];
        string[] reached = [.. sockets.Where(host.CanConnect)];
        if (reached.Length > 0)
        {
            return Finding.Works(Id, "desktop", string.Join(" and ", reached.Select(Name)) + " can be connected");
        }

        return sockets.Length > 0
            ? Finding.Missing(Id, "desktop", $"nobody answers on {string.Join(" and ", sockets)}", Headless)
            : Finding.Missing(Id, "desktop", "neither DISPLAY nor WAYLAND_DISPLAY is set", Headless);
    }

    private static Finding Window(ProbeAnswer answer)
    {
        const string Id = "window";
        if (answer.Problem is { } problem)
        {
            return Advice.Missing(Id, "SDL window", problem);
        }

        return answer[ProbeFact.Sdl] is { } sdl
            ? Finding.Works(Id, "SDL window", sdl)
            : Finding.Unknown(Id, "SDL window", "display-process did not say");
    }

    private static Finding WithoutWindow(ProbeAnswer answer) => answer.Failure is { } failure
        ? Advice.Missing("headless", "PNG files", failure)
        : Finding.Works("headless", "PNG files", "by --display headless");

    private static string Name(string socket) => (socket.Contains(".X11-unix", StringComparison.Ordinal) ? "X11 at " : "Wayland at ") + socket;
}
