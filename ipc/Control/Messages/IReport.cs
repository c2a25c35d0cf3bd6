using SplitVmm.Control.Protocol;

namespace SplitVmm.Control.Messages;

/// <summary>A message of a process to the supervisor: the common part, or one of its privilege's own.</summary>
public interface IReport
{
    /// <summary>The common part; null if the message is another one. Setting it replaces what was set.</summary>
    ProcessReport Process { get; set; }
}
