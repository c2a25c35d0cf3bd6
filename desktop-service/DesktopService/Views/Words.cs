using System.Globalization;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Supervision.Recovery;

namespace SplitVmm.DesktopService.Views;

/// <summary>The sentences of the views for people, and the words for states.</summary>
internal static class Words
{
    public static string Renderer(MachineStatus status) =>
        status.Capsets is { Length: > 0 } capsets ? $"renderer: {status.Renderer} ({capsets})" : $"renderer: {status.Renderer}";

    public static string FirstFrame(MachineStatus status, bool accelerated)
    {
        TimeSpan? time = accelerated ? status.FirstAcceleratedFrame : status.FirstFrame;
        string kind = accelerated ? "first 3D frame" : "first frame";
        string size = !accelerated && status.Width > 0 ? $", {status.Width}x{status.Height}" : "";
        return $"{kind} after {Seconds(time)} s{size}";
    }

    /// <summary>The whole run in one line.</summary>
    public static string Summary(MachineStatus status)
    {
        string first = status.FirstFrame is { } time ? $", first after {Seconds(time)} s" : "";
        string accelerated = status.FirstAcceleratedFrame is { } time3d
            ? $", {status.AcceleratedFrames} of them 3D, first after {Seconds(time3d)} s"
            : "";
        string renderer = status.Renderer is { Length: > 0 } name ? $", renderer {name}" : "";
        string restarts = status.Restarts switch
        {
            0 => "",
            1 => ", 1 restart of a process",
            _ => string.Create(CultureInfo.InvariantCulture, $", {status.Restarts} restarts of processes"),
        };
        return $"{Seconds(status.Elapsed)} s, {status.Frames} frames{first}{accelerated}{renderer}{restarts}";
    }

    /// <param name="repairs">So far.</param>
    public static string WindowRepaired(ulong repairs) => string.Create(
        CultureInfo.InvariantCulture,
        $"memory that the GPU had mapped for the guest was gone: all of it was taken away, the guest goes on ({repairs} so far)");

    public static string Of(ProcessState state) => state switch
    {
        ProcessState.NotStarted => "not-started",
        ProcessState.Starting => "starting",
        ProcessState.Attached => "attached",
        ProcessState.Ready => "ready",
        ProcessState.Ending => "ending",
        _ => "ended",
    };

    public static string Of(GuestState state) => state switch
    {
        GuestState.Paused => "paused",
        GuestState.Rebooting => "rebooting",
        GuestState.PoweredOff => "powered off",
        GuestState.Stopped => "stopped",
        _ => "running",
    };

    public static string Of(RecoveryStep step) => step switch
    {
        RecoveryStep.Down => "down",
        RecoveryStep.Restarted => "restarted",
        _ => "given-up",
    };

    public static string Seconds(TimeSpan? time) =>
        (time ?? TimeSpan.Zero).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
