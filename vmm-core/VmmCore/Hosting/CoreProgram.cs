using SplitVmm.Diagnosis;
using SplitVmm.Hosting;
using SplitVmm.Sandbox;
using SplitVmm.VmmCore.CommandLine;
using SplitVmm.VmmCore.Probe;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>What the executable runs.</summary>
public static class CoreProgram
{
    /// <summary>Before each line for the user: the guest's serial port is on the same terminal.</summary>
    internal const string LinePrefix = "vmm-core: ";

    /// <returns>The exit status.</returns>
    public static int Run(string[] arguments)
    {
        if (!ProcessSandbox.TryEnter(ref arguments, out ProcessSandbox sandbox))
        {
            return ExitStatus.HostUnfit;
        }

        if (Probing.IsAsked(arguments, out _))
        {
            return Probing.Finish(ProbeCommand.Run(), sandbox);
        }

        return new CoreCommandLine().Parse(arguments, out int exitStatus) is { } options
            ? ProcessHost.Run("vmm-core", LinePrefix, logger => new MachineSession(options, sandbox, logger))
            : exitStatus;
    }
}
