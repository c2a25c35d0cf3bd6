using SplitVmm.StandIn;

// usage: SplitVmm.StandIn PROCESS [the options of that process]
// Stands for vmm-core, gpu-process or display-process: speaks the control protocol, has no device; or for venus-server, which
// has no control connection. What goes wrong, and at which step, is chosen by the variable STANDIN (see Script).
string process = args[0];
var script = Script.Parse(Environment.GetEnvironmentVariable("STANDIN") ?? "", process);
return process switch
{
    "vmm-core" => new CoreStandIn(script).Run(args),
    "gpu-process" => new GpuStandIn(script).Run(args),
    "display-process" => new DisplayStandIn(script).Run(args),
    "venus-server" => new VenusStandIn(script).Run(args),
    _ => throw new ArgumentException($"no process {process}"),
};
