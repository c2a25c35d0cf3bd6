namespace SplitVmm.GpuProcess.Virgl;

/// <summary>3D cannot be had on this host. The message says why and what helps, in one line.</summary>
public sealed class VirglException(string message) : Exception(message);
