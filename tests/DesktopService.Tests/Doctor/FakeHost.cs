using SplitVmm.DesktopService.Doctor;

namespace SplitVmm.DesktopService.Tests.Doctor;

/// <summary>A host made of facts. As it is made it is a Debian 13 desktop with an AMD GPU where nothing is wrong.</summary>
internal sealed class FakeHost : IHost
{
    public Dictionary<string, string> Files { get; } = new()
    {
        ["/proc/sys/kernel/osrelease"] = "6.14.2-amd64\n",
        ["/proc/self/status"] = "Name:\tsplitvmm\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t106 107 1000\n",
        ["/etc/group"] = "root:x:0:\nkvm:x:106:user\nrender:x:107:user\nuser:x:1000:\n",
        ["/proc/meminfo"] = "MemTotal:       16384000 kB\nMemFree:         100 kB\nMemAvailable:   12288000 kB\n",
        ["/proc/self/cgroup"] = "0::/user.slice/app.scope\n",
        ["/proc/self/limits"] = "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 524288               files\n",
        ["/sys/module/udmabuf/parameters/size_limit_mb"] = "64\n",
    };

    public Dictionary<string, FileAccessState> Devices { get; } = new()
    {
        ["/dev/kvm"] = FileAccessState.Granted,
        ["/dev/udmabuf"] = FileAccessState.Granted,
        ["/dev/dri/renderD128"] = FileAccessState.Granted,
    };

    public Dictionary<string, string> Links { get; } = new()
    {
        ["/sys/class/drm/renderD128/device/driver"] = "../../../../bus/pci/drivers/amdgpu",
        ["/usr/lib/x86_64-linux-gnu/libvirglrenderer.so.1"] = "libvirglrenderer.so.1.9.0",
    };

    public Dictionary<string, string[]> Folders { get; } = new()
    {
        ["/dev/dri"] = ["by-path", "card0", "renderD128"],
        ["/usr/share/vulkan/icd.d"] = ["lvp_icd.json", "radeon_icd.x86_64.json", "virtio_icd.json", "gfxstream_vk_icd.json"],
    };

    public HashSet<string> Others { get; } = ["/usr/libexec/virgl_render_server"];

    public Dictionary<string, string> Variables { get; } = new() { ["DISPLAY"] = ":0", ["HOME"] = "/home/user" };

    public HashSet<string> Listening { get; } = ["/tmp/.X11-unix/X0"];

    public Dictionary<string, string> Programs { get; } = new() { ["bwrap"] = "/usr/bin/bwrap" };

    public string? NamespaceFault { get; set; }

    public string? LibseccompVersion { get; set; } = "2.6.0";

    public int LandlockAbi { get; set; } = 6;

    public string? ReadText(string path) => Files.GetValueOrDefault(path);

    public bool Exists(string path) => Others.Contains(path) || Files.ContainsKey(path) || Folders.ContainsKey(path) || Devices.ContainsKey(path);

    public IReadOnlyList<string> List(string folder) => Folders.GetValueOrDefault(folder) ?? [];

    public string? LinkTarget(string path) => Links.GetValueOrDefault(path);

    public FileAccessState Access(string path) => Devices.GetValueOrDefault(path, FileAccessState.NotThere);

    public bool CanConnect(string socket) => Listening.Contains(socket);

    public string? Variable(string name) => Variables.GetValueOrDefault(name);

    public string? FindProgram(string name) => Programs.GetValueOrDefault(name);

    public string? WhyNoNamespaces() => NamespaceFault;
}
