using System.Globalization;
using SplitVmm.HostileGpu;
using SplitVmm.HostileGpu.Interop;

// usage: hostile-gpu --list | hostile-gpu [the options of gpu-process]
// A gpu-process that the guest has taken over: it holds all that the real one holds and attacks its peers, one attack
// per life. Every other life, the first included, is that of the real program (HOSTILE_GPU_REAL), so that the machine
// can show after each attack that it still works. The file HOSTILE_GPU_LIVES counts.
if (args is ["--list"])
{
    foreach (Attack attack in AttackTable.All)
    {
        Console.Out.WriteLine(attack.Name);
    }

    return 0;
}

string counter = Environment.GetEnvironmentVariable("HOSTILE_GPU_LIVES")
    ?? throw new InvalidOperationException("HOSTILE_GPU_LIVES names no file");
int life = File.Exists(counter) ? int.Parse(File.ReadAllText(counter), CultureInfo.InvariantCulture) : 0;
File.WriteAllText(counter, (life + 1).ToString(CultureInfo.InvariantCulture));
if (life % 2 == 0)
{
    string real = Environment.GetEnvironmentVariable("HOSTILE_GPU_REAL")
        ?? throw new InvalidOperationException("HOSTILE_GPU_REAL names no program");
    Libc.Execute(real, args);
}

using var ends = new Ends(args);
AttackTable.All[life / 2 % AttackTable.All.Count].Run(ends);
return 0;
