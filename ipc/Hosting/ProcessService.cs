using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SplitVmm.Hosting;

/// <summary>
/// The application in its host: on a thread of its own, because SDL and the renderer want one thread from beginning to
/// end; an end by TERM or Ctrl-C becomes an end in good order, and the application's own end ends the host.
/// </summary>
internal sealed partial class ProcessService : IHostedService
{
    private readonly string _name;
    private readonly IProcessApplication _application;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProcessService(string name, IProcessApplication application, IHostApplicationLifetime lifetime, ILogger logger)
    {
        _name = name;
        _application = application;
        _lifetime = lifetime;
        _logger = logger;
    }

    /// <summary>The application's exit status; valid after the host has ended.</summary>
    public int Status { get; private set; } = ExitStatus.Failed;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        new Thread(Work) { Name = _name }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _application.RequestEnd();
        return _ended.Task.WaitAsync(cancellationToken);
    }

    private void Work()
    {
        try
        {
            Status = _application.Run();
        }
        catch (Exception error)
        {
            // The last stop of a thread that nobody else watches; the process ends with the report.
            LogCrash(_name, error);
        }
        finally
        {
            _ended.SetResult();
            _lifetime.StopApplication();
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "a defect of {Name} ended it")]
    private partial void LogCrash(string name, Exception exception);
}
