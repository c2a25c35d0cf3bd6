namespace SplitVmm.Lab.Tests;

/// <summary>The one boot that every test of <see cref="VenusTests"/> looks at.</summary>
public sealed class VenusBoot(LabMachine lab)
{
    private GuestRun? _run;

    internal GuestRun Run
    {
        get
        {
            lab.Start();
            return _run ??= new Guest("venus", "venus")
            {
                HasVulkan = true,
                Deadline = TimeSpan.FromMinutes(8),
                Options = "--gpu blob=on,hostmem=512M,venus=on --gpu-hang-timeout 60",
                // The name that the kernel keeps of virgl_render_server.
                OnRun = ["kill=pkill -KILL -x virgl_render_se"],
            }.RunUnderSplitVmm();
        }
    }
}
