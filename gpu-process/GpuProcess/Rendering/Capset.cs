using SplitVmm.GpuProcess.Protocol;

namespace SplitVmm.GpuProcess.Rendering;

/// <summary>A capability set on offer.</summary>
/// <param name="MaxVersion">The newest version.</param>
/// <param name="MaxSize">Bytes.</param>
internal readonly record struct Capset(VirtioGpuCapsetId Id, uint MaxVersion, uint MaxSize);
