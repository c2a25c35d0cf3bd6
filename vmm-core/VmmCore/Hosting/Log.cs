using Microsoft.Extensions.Logging;
using SplitVmm.Virtio.Constants;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>Every message that a user of vmm-core may see in its log.</summary>
internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}")]
    public static partial void Failure(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "the guest stopped:\n{Details}")]
    public static partial void CrashDetails(ILogger logger, string details);

    [LoggerMessage(Level = LogLevel.Information, Message = "the guest reboots")]
    public static partial void Rebooting(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "vCPU {Vcpu} of the guest met a triple fault, which resets a PC")]
    public static partial void TripleFault(ILogger logger, int vcpu);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the input wire was closed: {Reason}; keyboard and pointer are silent")]
    public static partial void InputWireClosed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the agent wire was closed: {Reason}; the guest's agent is not heard")]
    public static partial void AgentWireClosed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the {Device} device is away: {Reason}")]
    public static partial void BackEndAway(ILogger logger, VirtioDeviceId device, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "the {Device} device is served again")]
    public static partial void BackEndServes(ILogger logger, VirtioDeviceId device);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the process behind the {Device} device: {Refusal}")]
    public static partial void BackEndRefused(ILogger logger, VirtioDeviceId device, string refusal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "memory that the {Device} device had mapped for the guest was gone, {Repairs} times so far: all of it was taken away, the guest goes on")]
    public static partial void WindowRepaired(ILogger logger, VirtioDeviceId device, ulong repairs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "nothing more can be plugged in: {Violation}")]
    public static partial void PlugWireClosed(ILogger logger, string violation);
}
