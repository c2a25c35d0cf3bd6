using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Hosting;
using SplitVmm.GpuProcess.Probing;
using SplitVmm.Sandbox;

if (!ProcessSandbox.TryEnter(ref args, out ProcessSandbox sandbox))
{
    return 3;
}

if (Probing.IsAsked(args, out string what))
{
    return Probing.Finish(ProbeCommand.Run(what, args.ElementAtOrDefault(2)), sandbox);
}

GpuProcessOptions? options = CommandLine.Parse(args, out int exitStatus);
if (options is null)
{
    return exitStatus;
}

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Logging.AddProvider(new LineLoggerProvider());
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Services.AddSingleton(options with { Sandbox = sandbox });
builder.Services.AddHostedService<GpuService>();
builder.Build().Run();
return Environment.ExitCode;
