using System.Globalization;
using SplitVmm.Sandbox;
using SplitVmm.SandboxProbe;

// sandbox-probe [--sandbox-fd N] PID NAME: enters the cage as the real processes do, and tries one way out of it.
if (!ProcessSandbox.TryEnter(ref args, out ProcessSandbox sandbox))
{
    return 3;
}

Attempts.OutsidePid = int.Parse(args[0], CultureInfo.InvariantCulture);
Attempt attempt = Attempts.All[args[1]];
Call.Say("ready");
SandboxState? state = sandbox.LockDown();
Call.Say(string.Create(CultureInfo.InvariantCulture, $"state {state?.SystemCalls ?? 0} {state?.LandlockAbi ?? 0} {state?.RefusesExecutableMemory ?? false}"));
Call.Say(string.Create(CultureInfo.InvariantCulture, $"result {attempt()}"));
return 0;
