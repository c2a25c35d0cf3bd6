namespace SplitVmm.VmmCore.Boot;

/// <summary>What a kernel is told at its start, already placed in RAM but for the command line.</summary>
/// <param name="CommandLine">Without the closing zero byte.</param>
/// <param name="InitrdStart">Guest-physical.</param>
/// <param name="InitrdSize">Bytes; 0 without an initrd.</param>
/// <param name="Rsdp">Guest-physical address of the ACPI root pointer.</param>
/// <param name="Memory">The memory map.</param>
internal readonly record struct BootInformation(
    ReadOnlyMemory<byte> CommandLine, ulong InitrdStart, ulong InitrdSize, ulong Rsdp, MemoryRange[] Memory);
