using SplitVmm.Diagnosis;
using SplitVmm.DisplayProcess;
using SplitVmm.DisplayProcess.Hosting;
using SplitVmm.Hosting;
using SplitVmm.Sandbox;

if (!ProcessSandbox.TryEnter(ref args, out ProcessSandbox sandbox))
{
    return ExitStatus.HostUnfit;
}

if (Probing.IsAsked(args, out _))
{
    return Probing.Finish(ProbeCommand.Run(), sandbox);
}

DisplayOptions? options = CommandLine.Parse(args, out int exitStatus);
return options is null
    ? exitStatus
    : ProcessHost.Run("display-process", "", logger => new DisplayApplication(options with { Sandbox = sandbox }, logger.Line));
