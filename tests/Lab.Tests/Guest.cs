using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>One guest to be run in the lab: its machine, its job, and which monitor runs it.</summary>
internal sealed record Guest(string Name, string Job)
{
    private const string KernelArguments =
        "console=ttyS0 mitigations=off nokaslr cryptomgr.notests rodata=off quiet";

    public string Memory { get; init; } = "1G";

    /// <summary>One, where several are not what is looked at: the lab has one itself.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary><c>vmlinux</c> (by PVH) or <c>bzImage</c> (by the 64-bit boot protocol).</summary>
    public string Kernel { get; init; } = "vmlinux";

    /// <summary>The value of <c>--display</c>: <c>headless</c> writes PNGs; <c>sdl</c> opens a window on an X server of its own.</summary>
    public string Display { get; init; } = "headless";

    /// <summary>The window is on weston's headless backend, drawn by OpenGL, in place of an X server.</summary>
    public bool IsOnWeston { get; init; }

    /// <summary>
    /// The window is on sway's headless backend, drawn by OpenGL, in the corner of an output of 1440x900 pixels with this scale; null:
    /// it is not.
    /// </summary>
    public double? SwayScale { get; init; }

    private string Programs => SoftwareGpu is null ? "$HOME/dist" : "$HOME/dist-software";

    private string RamDisk => IsSmall ? $"/repo/out/tests/{Name}/small.cpio" : "$HOME/guest/initrd.cpio";

    private string Frames => Display.StartsWith("headless", StringComparison.Ordinal) ? " --frames $r/frames" : "";

    /// <summary>With Mesa's Venus driver and programs that draw by Vulkan (image guest-vulkan).</summary>
    public bool HasVulkan { get; init; }

    /// <summary>With Mesa of trixie-backports, whose asahi driver has a native-context half (image guest-native).</summary>
    public bool HasNativeMesa { get; init; }

    /// <summary>With spice-vdagent, an X server without a screen and xclip (image guest-clipboard).</summary>
    public bool HasAgent { get; init; }

    /// <summary>The kernel driver of a GPU of software that gpu-process has (<c>tests/GpuSoftware</c>); null: the real program.</summary>
    public string? SoftwareGpu { get; init; }

    /// <summary>Variables of the monitor's environment, as <c>NAME=VALUE</c> with blanks between.</summary>
    public string Variables { get; init; } = "";

    /// <summary>A RAM disk of a twentieth, without graphics libraries and programs: the guest starts in half the time.</summary>
    public bool IsSmall { get; init; }

    /// <summary>Files of this machine's that the RAM disk gets besides, in its first folder.</summary>
    public string[] Files { get; init; } = [];

    /// <summary>Further options of <c>splitvmm run</c>.</summary>
    public string Options { get; init; } = "";

    /// <summary>Further kernel arguments, for example <c>splitvmm.end=reboot</c>.</summary>
    public string Append { get; init; } = "";

    /// <summary>The GPU under QEMU, with its properties.</summary>
    public string QemuGpu { get; init; } = "virtio-gpu-gl-pci";

    /// <summary>Shell commands for the guest's <c>@run NAME</c>, as <c>NAME=COMMAND</c>.</summary>
    public string[] OnRun { get; init; } = [];

    /// <summary>Pictures to take at the first console line that matches, as <c>NAME=REGEX</c>.</summary>
    public string[] ShotOn { get; init; } = [];

    /// <summary>
    /// Seconds from the guest's <c>@shot</c> to the copy: display-process writes a PNG at most a tenth of its time, and an
    /// emulated CPU with other work takes a second for one.
    /// </summary>
    public int Settle { get; init; } = 6;

    /// <summary>Ends the monitor by SIGTERM when the text has been on the console that often.</summary>
    public (int Count, string Text)? TermAfter { get; init; }

    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Runs it under splitvmm and brings everything back to <c>out/tests/NAME</c>.</summary>
    public GuestRun RunUnderSplitVmm() => Run(
        $"--programs {Programs}",
        $"env GPU_SOFTWARE_DRIVER={SoftwareGpu} {Variables} {Programs}/splitvmm run --kernel $HOME/guest/{Kernel} --initrd $r/initrd.cpio --append \"{KernelArguments} {Append}\" " +
        $"--memory {Memory} --cpus {Cpus} --display {Display}{Frames} {Options}");

    /// <summary>Runs the same guest under the lab's own QEMU with its virtio-gpu-gl, as the peer to compare with.</summary>
    public GuestRun RunUnderQemu() => Run(
        "",
        $"qemu-system-x86_64 -M q35 -accel kvm -cpu host -m {Memory} -smp {Cpus} -nodefaults -serial stdio -no-reboot " +
        $"-kernel $HOME/guest/{Kernel} -initrd $r/initrd.cpio -append \"{KernelArguments} {Append}\" " +
        $"-device {QemuGpu} -display sdl,gl=on");

    private GuestRun Run(string driveOptions, string command)
    {
        string local = SourceTree.OutputFolder(Name);
        PackJob(local);
        if (IsSmall)
        {
            PackSmall(local);
        }

        string overlay = HasVulkan ? Overlay("guest-vulkan") : HasNativeMesa ? Overlay("guest-native") : HasAgent ? Overlay("guest-clipboard") : "";
        string hook = string.Join(' ', OnRun.Select(command => $"--on '{command}'"));
        hook += string.Concat(ShotOn.Select(shot => $" --shot-on '{shot}'"));
        hook += $" --settle {Settle}";
        hook += TermAfter is (int count, string text) ? $" --term-after '{count}={text}'" : "";
        string seconds = ((int)Deadline.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        // The X server, or weston or sway, belongs to this run alone and ends with it, by its pid.
        string screen = SwayScale is { } scale
            ? string.Create(CultureInfo.InvariantCulture, $"printf \"%s\\n\" \"xwayland disable\" \"output * resolution 1440x900 scale {scale}\" ")
                + "\"for_window [app_id=.*] floating enable, border none, move absolute position 0 0\" >$r/sway.conf; "
                + "export SWAYSOCK=$XDG_RUNTIME_DIR/sway-7; "
                + "WLR_BACKENDS=headless WLR_RENDERER=pixman sway --config $r/sway.conf >$r/sway.log 2>&1 & x=$!; "
                + "trap \"kill $x\" EXIT; export WAYLAND_DISPLAY=wayland-1 SDL_VIDEODRIVER=wayland; "
                + "until [ -S $SWAYSOCK ]; do sleep 0.2; done;"
            : IsOnWeston
            ? "weston --backend=headless --renderer=gl --width=1360 --height=900 --socket=wl-7 >$r/weston.log 2>&1 & x=$!; "
                + "trap 'kill $x' EXIT; export WAYLAND_DISPLAY=wl-7 SDL_VIDEODRIVER=wayland; "
                + "until [ -S $XDG_RUNTIME_DIR/wl-7 ]; do sleep 0.2; done;"
            : Display.StartsWith("sdl", StringComparison.Ordinal) || driveOptions.Length == 0
            ? "Xvfb :7 -screen 0 1360x900x24 >$r/xvfb.log 2>&1 & x=$!; trap 'kill $x' EXIT; export DISPLAY=:7; sleep 2;"
            : "";
        string script =
            $"""
            r=$HOME/out/{Name}; rm -rf $r; mkdir -p $r/frames $r/shots ; cd $r
            cat {RamDisk}{overlay} /repo/out/tests/{Name}/job.cpio > initrd.cpio
            {screen}
            $HOME/scripts/drive --log console.log --frames frames --shots shots --deadline {seconds} {hook} {driveOptions} -- {command}
            status=$?; rm -f initrd.cpio; exit $status
            """;
        RunResult result = LabMachine.Persist(Name, () => LabMachine.Run(
            script, Deadline + TimeSpan.FromMinutes(2), "--pull", $"/home/user/out/{Name}/.:{local}"));
        return GuestRun.Load(local, result);
    }

    private static string Overlay(string image) => $" /images/{Path.GetFileName(Needs.Image(image))}/overlay.cpio";

    // The guest's RAM disk may be several archives one after the other; ours adds /job, what jobs have in common, and the files.
    private void PackJob(string folder)
    {
        string jobs = SourceTree.Path("tests", "Lab.Tests", "jobs");
        File.Copy(Path.Combine(jobs, Job), Path.Combine(folder, "job"));
        string[] files = [Path.Combine(jobs, "steps"), .. Files];
        foreach (string file in files)
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        Shell(folder, $"printf '%s\\n' {string.Join(' ', files.Select(Path.GetFileName).Prepend("job"))} | cpio -o -H newc --quiet >job.cpio");
    }

    // Of the guest's RAM disk what init needs.
    private static void PackSmall(string folder) => Shell(
        folder,
        $"""
        mkdir small && cd small
        cpio -idm --quiet init bin sbin lib lib64 dev proc sys tmp run root 'etc*' usr 'usr/bin*' 'usr/sbin*' usr/lib 'usr/lib/modules*' <'{Needs.Image("guest")}/initrd.cpio'
        find . | cpio -o -H newc -R 0:0 --quiet >../small.cpio; cd ..; rm -rf small
        """);

    private static void Shell(string folder, string script)
    {
        RunResult result = ChildProgram.Run("sh", ["-ec", $"cd '{folder}'\n{script}"], TimeSpan.FromMinutes(1));
        if (result.ExitStatus != 0)
        {
            throw new InvalidOperationException($"cpio failed (packaging/install-deps installs it): {result.StandardError}");
        }
    }
}
