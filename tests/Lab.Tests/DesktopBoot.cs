namespace SplitVmm.Lab.Tests;

/// <summary>The one boot that every test of <see cref="DesktopTests"/> looks at: a boot in the lab costs a minute.</summary>
public sealed class DesktopBoot(LabMachine lab)
{
    private GuestRun? _run;

    internal GuestRun Run
    {
        get
        {
            lab.Start();
            return _run ??= new Guest("desktop", "desktop")
            {
                Memory = "4G",
                Cpus = 4,
                Deadline = TimeSpan.FromMinutes(7),
                // The job holds each picture for longer than that.
                Settle = 11,
                // kmscube's first report of frames drawn comes two seconds after its first frame, or later.
                ShotOn = ["kmscube=^Rendered [1-9]"],
            }.RunUnderSplitVmm();
        }
    }
}
