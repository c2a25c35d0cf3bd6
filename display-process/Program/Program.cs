using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SplitVmm.Diagnosis;
using SplitVmm.DisplayProcess;
using SplitVmm.DisplayProcess.Hosting;
using SplitVmm.Sandbox;

if (!ProcessSandbox.TryEnter(ref args, out ProcessSandbox sandbox))
{
    return 3;
}

if (Probing.IsAsked(args, out _))
{
    return Probing.Finish(ProbeCommand.Run(), sandbox);
}

DisplayOptions? options = CommandLine.Parse(args, out int exitStatus);
if (options is null)
{
    return exitStatus;
}

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Logging.AddProvider(new LineLoggerProvider());
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Services.AddSingleton(options with { Sandbox = sandbox });
builder.Services.AddHostedService<DisplayService>();
builder.Build().Run();
return Environment.ExitCode;
