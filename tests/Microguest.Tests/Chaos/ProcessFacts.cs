using System.Globalization;
using System.Runtime.InteropServices;

namespace SplitVmm.Microguest.Tests.Chaos;

/// <summary>What the kernel says of a process, and signals to it.</summary>
internal static partial class ProcessFacts
{
    public const int SIGKILL = 9;
    public const int SIGSTOP = 19;

    public static int Descriptors(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;

    /// <summary>KiB of memory of its own: without files and guest memory.</summary>
    public static long AnonymousKiB(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    // Who is dead, but has not been waited for by an init that is in no hurry, is gone.
    public static bool IsAlive(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>False if there is no such process any more.</summary>
    public static bool Signal(int pid, int signal) => kill(pid, signal) == 0;

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
