namespace SplitVmm.GpuProcess.Fences;

/// <summary>The renderer's word that a fence, and every earlier one of its timeline, is complete.</summary>
/// <param name="Timeline">Which timeline: a fence of one says nothing about another.</param>
/// <param name="Fence">Our number of the fence, as it was given to the renderer.</param>
internal readonly record struct RetiredFence(FenceTimelineId Timeline, ulong Fence);
