using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Options;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>A device with a renderer for 3D whose fences are in the test's hands, and a guest of it that has not started yet.</summary>
internal sealed class Gpu3d<TRenderer> : IDisposable
    where TRenderer : FakeRenderer3d
{
    /// <param name="make">Makes the renderer, which reports its fences to what it is given.</param>
    /// <param name="journal">The memory of the journal, which stays the caller's.</param>
    public Gpu3d(Func<RetiredFences, TRenderer> make, GpuOptions? options = null, Descriptor? journal = null)
    {
        Renderer = make(Retired);
        Gpu = new InProcessGpu(options, Renderer, Retired, journal);
        Guest = Gpu.Connect();
    }

    public RetiredFences Retired { get; } = new();

    public TRenderer Renderer { get; }

    public InProcessGpu Gpu { get; }

    public GpuGuest Guest { get; }

    /// <summary>Reports a fence of the timeline of those that name no ring, from the test's thread.</summary>
    public void Retire(uint fence) => Retire(FenceTimelineId.Global, fence);

    /// <summary>Reports a fence of a timeline, from the test's thread.</summary>
    public void Retire(FenceTimelineId timeline, uint fence) => Retired.Add(new RetiredFence(timeline, fence));

    public void Dispose()
    {
        Guest.Dispose();
        Gpu.Dispose();
        Retired.Dispose();
    }
}
