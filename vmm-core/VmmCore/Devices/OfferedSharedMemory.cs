using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.VmmCore.Devices;

/// <summary>The shared memory region that a back end says it wants to fill.</summary>
internal static class OfferedSharedMemory
{
    private const ulong Smallest = 1UL << 20;
    private const ulong Largest = 128UL << 30;

    /// <summary>Finds the one region that a device may have here.</summary>
    /// <returns>False if there is no presenting what the back end says; then why.</returns>
    public static bool TryRead(VhostUserFrontEnd frontEnd, out (byte Id, ulong Size)? region, out string? fault)
    {
        region = null;
        fault = null;
        if (frontEnd.GetSharedMemory(out VhostUserShMemConfig config) == VhostUserResult.Lost)
        {
            fault = $"did not say what shared memory it has: {frontEnd.LostReason}";
            return false;
        }

        for (int id = 0; id < VhostUserShMemSizes.Count; id++)
        {
            ulong size = config.Sizes[id];
            if (size == 0)
            {
                continue;
            }

            if (region is not null || !ulong.IsPow2(size) || size is < Smallest or > Largest)
            {
                fault = $"has a shared memory region {id} of {size} bytes, where one of a power of two from 1 MiB to 128 GiB is possible";
                return false;
            }

            region = ((byte)id, size);
        }

        return true;
    }
}
