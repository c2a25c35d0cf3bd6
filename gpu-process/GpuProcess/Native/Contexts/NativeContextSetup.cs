using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>What a context is made of.</summary>
/// <param name="File">Of this context alone.</param>
/// <param name="Descriptors">For what is open for a command or a submission, of all contexts.</param>
/// <param name="Log">Takes lines about what a guest did wrong.</param>
internal sealed record NativeContextSetup(
    uint Id, IDrmFile File, EventLoop Loop, RetiredFences Retired, NativeLimits Limits, NativeStatistics Statistics,
    DescriptorPool Descriptors, GuestLog Log);
