using SplitVmm.Control.Protocol;

namespace SplitVmm.Control.Messages;

/// <summary>A message of the supervisor to a process: the common part, or one of its privilege's own.</summary>
public interface ICommand
{
    /// <summary>0, or the number that the process's <see cref="Result"/> to this command carries.</summary>
    ulong Id { get; set; }

    /// <summary>The common part; null if the message is another one. Setting it replaces what was set.</summary>
    ProcessCommand Process { get; set; }
}
