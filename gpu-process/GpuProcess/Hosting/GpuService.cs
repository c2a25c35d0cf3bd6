using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SplitVmm.GpuProcess.Hosting;

/// <summary>
/// The application in its host: on a thread of its own, because the renderer wants one thread from beginning to
/// end; an end by TERM or Ctrl-C becomes an end in good order.
/// </summary>
public sealed partial class GpuService : IHostedService, IDisposable
{
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<GpuService> _logger;
    private readonly GpuApplication _application;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GpuService(GpuProcessOptions options, IHostApplicationLifetime lifetime, ILogger<GpuService> logger)
    {
        _lifetime = lifetime;
        _logger = logger;
        _application = new GpuApplication(options, line => LogLine(line));
        _thread = new Thread(Work) { Name = "gpu" };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _application.RequestEnd();
        return _ended.Task.WaitAsync(cancellationToken);
    }

    public void Dispose() => _application.Dispose();

    private void Work()
    {
        try
        {
            Environment.ExitCode = _application.Run();
        }
        catch (Exception error)
        {
            // The last stop of a thread that nobody else watches; the process ends with the report.
            LogCrash(error);
            Environment.ExitCode = ExitStatus.Failed;
        }
        finally
        {
            _ended.SetResult();
            _lifetime.StopApplication();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    private partial void LogLine(string line);

    [LoggerMessage(Level = LogLevel.Critical, Message = "a defect of gpu-process ended it")]
    private partial void LogCrash(Exception exception);
}
