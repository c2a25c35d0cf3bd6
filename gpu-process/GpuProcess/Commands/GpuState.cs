using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Cursors;
using SplitVmm.GpuProcess.Device;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Outputs;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Scanouts;
using SplitVmm.Virtio.Memory;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>What the commands work on: all that a guest can make, name and change.</summary>
internal sealed class GpuState
{
    /// <summary>What draws.</summary>
    public required IRenderer Renderer { get; init; }

    public required ResourceTable Resources { get; init; }

    public required ScanoutSet Scanouts { get; init; }

    public required CursorPresenter Cursors { get; init; }

    public required OutputTable Outputs { get; init; }

    public required GpuStatistics Statistics { get; init; }

    /// <summary>Called at the first flush of each kind of resource; true: a 3D one.</summary>
    public Action<bool>? FirstFlush { get; set; }

    /// <summary>Called when a context has been destroyed: nothing will be reported of it any more.</summary>
    public Action<uint>? ContextEnded { get; set; }

    /// <summary>The same renderer if it has 3D.</summary>
    public IRenderer3d? Renderer3d => Renderer as IRenderer3d;

    /// <summary>The same renderer if it has blobs.</summary>
    public IBlobRenderer? BlobRenderer => Renderer as IBlobRenderer;

    /// <summary>Where the next process finds what this one knows; null: nowhere.</summary>
    public GpuJournal? Journal { get; init; }

    /// <summary>Notes what fills resources; null exactly if <see cref="Journal"/> is.</summary>
    public UploadRecorder? Uploads { get; init; }

    /// <summary>The contexts that exist, by their ids.</summary>
    public Dictionary<uint, GpuContext> Contexts { get; } = [];

    /// <summary>Guest memory as it is now.</summary>
    public GuestMemory Memory { get; set; } = GuestMemory.CreateEmpty();

    /// <summary>What the driver has acknowledged.</summary>
    public ulong Features { get; set; }

    /// <summary>Whether work was given to the GPU that no fence stands behind yet.</summary>
    public bool HasUnfencedWork { get; set; }

    public bool Has(ulong feature) => (Features & feature) != 0;
}
