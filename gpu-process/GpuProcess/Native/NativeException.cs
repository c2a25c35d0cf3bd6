namespace SplitVmm.GpuProcess.Native;

/// <summary>DRM native contexts cannot be had on this host. The message says why and what helps, in one line.</summary>
internal sealed class NativeException(string message) : Exception(message);
