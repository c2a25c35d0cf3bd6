using SplitVmm.GpuProcess.Native.Amdgpu;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.I915;
using SplitVmm.GpuProcess.Native.Msm;

namespace SplitVmm.GpuProcess.Native;

/// <summary>The drivers that this version has the host half of.</summary>
internal static class NativeDrivers
{
    /// <summary>Made anew each time: a driver keeps what it was told by the kernel.</summary>
    public static IReadOnlyList<NativeDriver> Create() => [new AsahiDriver(), new MsmDriver(), new AmdgpuDriver(), new I915Driver()];
}
