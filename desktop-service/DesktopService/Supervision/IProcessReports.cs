using SplitVmm.Control.Protocol;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>Takes what the processes report, on the supervisor's thread.</summary>
internal interface IProcessReports
{
    void OnCore(SupervisedProcess process, CoreReport report);

    void OnGpu(SupervisedProcess process, GpuReport report);

    void OnDisplay(SupervisedProcess process, DisplayReport report);
}
