using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>A resource that virglrenderer has, by the guest's id.</summary>
internal sealed class VirglResource(uint id, uint width, uint height, uint format) : GpuResource(id, width, height, format);
