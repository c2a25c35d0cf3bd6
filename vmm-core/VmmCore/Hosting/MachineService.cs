using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SplitVmm.Sandbox;
using SplitVmm.VmmCore.CommandLine;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>
/// The hosted service of vmm-core: a session on a thread of its own. When the session ends the host ends; when the
/// host is told to end (SIGTERM, SIGINT) the session ends.
/// </summary>
internal sealed class MachineService(CoreOptions options, ProcessSandbox sandbox, ILogger<MachineService> logger, IHostApplicationLifetime lifetime)
    : IHostedService, IDisposable
{
    private readonly MachineSession _session = new(options, sandbox, logger);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Valid after the host has ended.</summary>
    public int Status { get; private set; } = ExitStatus.Failed;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        new Thread(Run) { Name = "machine" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _session.End();
        return _ended.Task.WaitAsync(cancellationToken);
    }

    public void Dispose() => _session.Dispose();

    private void Run()
    {
        Status = _session.Run();
        _ended.SetResult();
        lifetime.StopApplication();
    }
}
