using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SplitVmm.Hosting;

/// <summary>What the executables of the processes have in common: the host, its log on standard error, the end by a signal.</summary>
public static class ProcessHost
{
    /// <param name="name">The process's name, for its thread and for the report of a defect.</param>
    /// <param name="linePrefix">Stands before each line of the log.</param>
    /// <param name="create">Makes the application; the log takes lines from any thread.</param>
    /// <returns>The exit status.</returns>
    public static int Run(string name, string linePrefix, Func<ILogger, IProcessApplication> create)
    {
        // Nothing is read from configuration files or the environment: the command line says it all.
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        using var lines = new LineLoggerProvider(linePrefix);
        builder.Logging.AddProvider(lines);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<ConsoleLifetimeOptions>(static lifetime => lifetime.SuppressStatusMessages = true);
        using IProcessApplication application = create(lines);
        ProcessService? service = null;
        builder.Services.AddHostedService(
            services => service = new ProcessService(name, application, services.GetRequiredService<IHostApplicationLifetime>(), lines));
        builder.Build().Run();
        return service?.Status ?? ExitStatus.Failed;
    }
}
