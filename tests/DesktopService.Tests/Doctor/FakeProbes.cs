using SplitVmm.DesktopService.Doctor;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Tests.Doctor;

/// <summary>Processes that answer as they would on <see cref="FakeHost"/>, until a test says otherwise.</summary>
internal sealed class FakeProbes : IProcessProbes
{
    private const string Cage = "sandbox.system-calls=86\nsandbox.landlock=6\nsandbox.no-new-code=no\n";

    /// <summary>What was asked, in order.</summary>
    public List<string> Asked { get; } = [];

    public ProbeAnswer Core { get; set; } = Says("kvm.maximum-cpus=255\nkvm.instructions-per-second=2400000000\nkvm.guest-pat=Honoured\n" + Cage);

    public ProbeAnswer Display { get; set; } = Says("sdl=SDL 2.32.4, video driver x11\n" + Cage);

    public ProbeAnswer Library { get; set; } = Says("virglrenderer=1.0\nvirglrenderer.venus=yes\nvirglrenderer.drm=no\n" + Cage);

    public ProbeAnswer Virgl { get; set; } = Says(
        "gl.renderer=AMD Radeon RX 6600 (radeonsi, navi23)\ngl.version=4.6 (Core Profile) Mesa 25.0.7-2\n" +
        "capset=VIRTIO_GPU_CAPSET_VIRGL\ncapset=VIRTIO_GPU_CAPSET_VIRGL2\n" + Cage);

    public ProbeAnswer Venus { get; set; } = Says("sandbox.system-calls=104\nsandbox.landlock=6\n");

    public static ProbeAnswer Says(string lines) => new(ProbeReport.Parse(lines), null);

    public static ProbeAnswer Fails(string line) => new(null, line);

    public ProbeAnswer Ask(ProcessRole role, params string[] what)
    {
        Asked.Add(string.Join(' ', [role.ToString(), .. what]));
        return (role, what.FirstOrDefault()) switch
        {
            (ProcessRole.Core, null) => Core,
            (ProcessRole.Display, null) => Display,
            (ProcessRole.Gpu, "library") => Library,
            (ProcessRole.Gpu, "virgl") => Virgl,
            (ProcessRole.Venus, null) => Venus,
            _ => throw new ArgumentException($"{role} cannot be asked for {string.Join(' ', what)}", nameof(what)),
        };
    }
}
