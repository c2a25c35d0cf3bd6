using System.Threading.Channels;
using SplitVmm.Control.Protocol;

namespace SplitVmm.ControlServer.Machines;

/// <summary>What the owner of a machine can ask of it. Called on pool threads.</summary>
public interface IMachineApi
{
    Task<MachineInfo> GetStateAsync();

    /// <returns>When the new gpu-process works, or will not.</returns>
    Task<Outcome> RestartGpuAsync(CancellationToken cancellation);

    /// <returns>At once.</returns>
    Task<Outcome> StopAsync(bool force);

    Task<Outcome> PauseAsync();

    Task<Outcome> ResumeAsync();

    Task<Outcome> RaiseAsync();

    Task<Outcome> TakeScreenshotAsync(string path, uint head);

    /// <summary>What happens from now on; it completes with the machine.</summary>
    ChannelReader<MachineEvent> Subscribe();

    void Unsubscribe(ChannelReader<MachineEvent> events);
}
