namespace SplitVmm.GpuProcess.Tests.Recovery;

/// <summary>Thrown from inside the renderer to end the device's thread at exactly that place, as a signal would.</summary>
internal sealed class KilledException() : Exception("killed by the test");
