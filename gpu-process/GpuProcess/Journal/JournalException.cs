namespace SplitVmm.GpuProcess.Journal;

/// <summary>The descriptor that was given for the journal cannot serve; the message says why.</summary>
public sealed class JournalException(string message) : Exception(message);
