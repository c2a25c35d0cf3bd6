using SplitVmm.Diagnosis;
using SplitVmm.Hosting;
using SplitVmm.Sandbox;
using SplitVmm.VmmCore.CommandLine;
using SplitVmm.VmmCore.Probe;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>What the executable runs.</summary>
public static class CoreProgram
{
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

        int? status = new CoreCommandLine().Parse(arguments, Console.Out, Console.Error, out CoreOptions? options);
        if (status is not null || options is null)
        {
            return status ?? ExitStatus.WrongUsage;
        }

        return ProcessHost.Run("vmm-core", "vmm-core: ", logger => new MachineSession(options, sandbox, logger));
    }
}
