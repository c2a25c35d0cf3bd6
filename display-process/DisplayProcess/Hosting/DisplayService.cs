using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SplitVmm.DisplayProcess.Hosting;

/// <summary>
/// The application in its host: a thread of its own, because SDL wants one thread from beginning to end; an end by
/// TERM or Ctrl-C becomes an end in good order.
/// </summary>
public sealed partial class DisplayService : IHostedService, IDisposable
{
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<DisplayService> _logger;
    private readonly DisplayApplication _application;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DisplayService(DisplayOptions options, IHostApplicationLifetime lifetime, ILogger<DisplayService> logger)
    {
        _lifetime = lifetime;
        _logger = logger;
        _application = new DisplayApplication(options, line => LogLine(line));
        _thread = new Thread(Work) { Name = "display" };
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
        catch (Exception e)
        {
            // The last stop of a thread that nobody else watches; the process ends with the report.
            LogCrash(e);
            Environment.ExitCode = 1;
        }
        finally
        {
            _ended.SetResult();
            _lifetime.StopApplication();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    private partial void LogLine(string line);

    [LoggerMessage(Level = LogLevel.Critical, Message = "a defect of display-process ended it")]
    private partial void LogCrash(Exception exception);
}
