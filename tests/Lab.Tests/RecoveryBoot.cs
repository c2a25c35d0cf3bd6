namespace SplitVmm.Lab.Tests;

/// <summary>The one boot that every test of <see cref="RecoveryTests"/> looks at.</summary>
public sealed class RecoveryBoot(LabMachine lab)
{
    /// <summary>Deaths of gpu-process that the job asks for: with text, twice in a row, ten under a cube, one under glmark2.</summary>
    public const int GpuKills = 1 + 2 + 10 + 1;

    private const string Again = "Gpu device is served again";

    // A process that is killed while it restores, again and again, gives up in the end: that is another test's subject.
    private const string Served = $"; until [ $(grep -c \"{Again}\" console.log) -gt $seen ]; do sleep 0.2; done";

    private GuestRun? _run;

    internal GuestRun Run
    {
        get
        {
            lab.Start();
            return _run ??= new Guest("recovery", "recovery")
            {
                Deadline = TimeSpan.FromMinutes(8),
                // An emulated CPU renders slowly; what is shown here are deaths, not hangs.
                Options = "--crash-quota 100/60,max-delay=100 --gpu-hang-timeout 60",
                OnRun =
                [
                    $"text={Kill("gpu-process", "text")}",
                    $"display={Kill("display-process", "display")}",
                    $"twice={Kill("gpu-process", "twice")}; sleep 0.4; {Kill("gpu-process", "twice")}",
                    $"ten=for i in 1 2 3 4 5 6 7 8 9 10; do {Kill("gpu-process", "ten", Served)}; sleep 2; done",
                    $"glmark2={Kill("gpu-process", "glmark2")}",
                ],
            }.RunUnderSplitVmm();
        }
    }

    // Waits for a process that can be killed: the next one may not be there yet.
    private static string Kill(string process, string why, string then = "") =>
        $"seen=$(grep -c \"{Again}\" console.log); until pkill -KILL -x {process}; do sleep 0.1; done; echo killed {process} \\({why}\\){then}";
}
