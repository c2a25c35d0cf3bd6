using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Replay;

/// <summary>Who wants to know what a stream brings into resources.</summary>
internal interface IUploadSink
{
    /// <summary>A command that copies into a resource, maybe not well formed.</summary>
    void Upload(GpuContext context, in VirglCommand command);
}
