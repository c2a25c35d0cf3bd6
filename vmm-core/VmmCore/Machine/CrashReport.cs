namespace SplitVmm.VmmCore.Machine;

/// <summary>Why a machine could not go on.</summary>
/// <param name="Summary">One line.</param>
/// <param name="Details">Registers and the like, several lines; empty if there are none.</param>
public sealed record CrashReport(string Summary, string Details = "");
