using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Hosting;
using SplitVmm.GpuProcess.Probing;
using SplitVmm.Hosting;
using SplitVmm.Sandbox;

if (!ProcessSandbox.TryEnter(ref args, out ProcessSandbox sandbox))
{
    return ExitStatus.HostUnfit;
}

if (Probing.IsAsked(args, out string what))
{
    return Probing.Finish(ProbeCommand.Run(what, args.ElementAtOrDefault(2)), sandbox);
}

GpuProcessOptions? options = CommandLine.Parse(args, out int exitStatus);
return options is null
    ? exitStatus
    : ProcessHost.Run("gpu-process", "", logger => new GpuApplication(options with { Sandbox = sandbox }, logger.Line));
