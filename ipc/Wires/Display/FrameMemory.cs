using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>
/// Judges a received descriptor before anything maps it. A file that its sender can truncate, or that runs out
/// of huge pages, would raise SIGBUS in the reader.
/// </summary>
internal static class FrameMemory
{
    public static WireError? Check(Descriptor memory, ulong needed, string message)
    {
        if (!MemFd.TryGetSeals(memory, out Seals seals))
        {
            return DisplayValidation.Error(message, "memory", "the descriptor is not a memfd");
        }

        if ((seals & Seals.F_SEAL_SHRINK) == 0)
        {
            return DisplayValidation.Error(message, "memory", "the memfd is not sealed with F_SEAL_SHRINK");
        }

        if (FileSystems.MagicOf(memory) != FileSystems.TMPFS_MAGIC)
        {
            return DisplayValidation.Error(message, "memory", "the memfd is not made of ordinary pages");
        }

        if (!MemFd.TryGetSize(memory, out long size) || (ulong)size < needed)
        {
            return DisplayValidation.Error(message, "memory", $"the memfd has {size} bytes, {needed} are needed");
        }

        return null;
    }
}
