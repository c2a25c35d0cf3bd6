namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Finds descriptors of this process by what they refer to, so that other tests do not disturb.</summary>
internal static class OpenDescriptors
{
    /// <summary>How many descriptors are open on the memfd of this name.</summary>
    public static int OfMemFd(string name)
    {
        int count = 0;
        foreach (string link in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            string? target = TargetOf(link);
            if (target?.EndsWith($"/memfd:{name} (deleted)", StringComparison.Ordinal) == true)
            {
                count++;
            }
        }

        return count;
    }

    // Other descriptors, the folder's own among them, may be closed by the time that they are looked at.
    private static string? TargetOf(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
