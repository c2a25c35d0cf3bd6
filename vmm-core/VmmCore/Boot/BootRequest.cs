namespace SplitVmm.VmmCore.Boot;

/// <summary>What the user wants booted.</summary>
/// <param name="Kernel">An ELF file with a PVH entry, or a bzImage.</param>
/// <param name="Initrd">Handed to the kernel as it is; null for none.</param>
/// <param name="CommandLine">Handed to the kernel as it is.</param>
public sealed record BootRequest(KernelImage Kernel, BootFile? Initrd, string CommandLine);
