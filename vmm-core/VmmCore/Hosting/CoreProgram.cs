using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SplitVmm.Diagnosis;
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

        // Nothing is read from configuration files or the environment: the command line says it all.
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(new StandardErrorLoggerProvider());
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<ConsoleLifetimeOptions>(static lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(sandbox);
        builder.Services.AddSingleton<MachineService>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<MachineService>());
        using IHost host = builder.Build();
        MachineService service = host.Services.GetRequiredService<MachineService>();
        host.Run();
        return service.Status;
    }
}
