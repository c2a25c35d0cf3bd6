namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary><c>/dev/udmabuf</c>, which makes dma-bufs of ordinary memory (Linux, <c>include/uapi/linux/udmabuf.h</c>).</summary>
internal static class Udmabuf
{
    private const string Device = "/dev/udmabuf";
    private const string Parameters = "/sys/module/udmabuf/parameters/";

    public static Finding Run(IHost host)
    {
        const string Id = "udmabuf";
        return host.Access(Device) switch
        {
            FileAccessState.NotThere => Finding.Missing(
                Id, Id, $"{Device} does not exist: lavapipe cannot share its memory", "sudo modprobe udmabuf (CONFIG_UDMABUF)"),
            FileAccessState.Denied => Finding.Missing(Id, Id, $"this user may not open {Device} ({Groups.Membership(host, "kvm")})", Groups.Join(host, "kvm")),
            _ => Finding.Works(Id, Id, Device + Limits(host)),
        };
    }

    private static string Limits(IHost host) => host.ReadText(Parameters + "size_limit_mb")?.Trim() is { Length: > 0 } most
        ? $", buffers of up to {most} MiB (size_limit_mb)"
        : "";
}
