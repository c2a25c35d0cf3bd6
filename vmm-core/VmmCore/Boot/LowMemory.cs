using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>Writes to the first MiB of RAM, which every machine has.</summary>
internal static class LowMemory
{
    public static void Place(GuestRam ram, ulong address, ReadOnlySpan<byte> bytes)
    {
        if (!ram.TrySlice(address, (ulong)bytes.Length, out Span<byte> destination))
        {
            throw new InvalidOperationException($"0x{address:X} is not in RAM");
        }

        bytes.CopyTo(destination);
    }
}
