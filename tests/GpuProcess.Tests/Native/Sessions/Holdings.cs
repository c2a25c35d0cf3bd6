using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Native.Sessions;

/// <summary>What native contexts hold of this process: memory and fences of the device of software, by descriptors and mappings.</summary>
/// <param name="Descriptors">Of memory files and pipes.</param>
/// <param name="Mappings">Of memory files.</param>
internal sealed record Holdings(int Descriptors, int Mappings)
{
    // Not those of the runtime, which has its code in such files.
    private static readonly string[] s_files = ["/memfd:software-gem", "/memfd:splitvmm-blob"];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static Holdings OfThisProcess() => new(
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(IsHeld),
        File.ReadLines("/proc/self/maps").Count(line => s_files.Any(file => line.Contains(file, StringComparison.Ordinal))));

    /// <summary>Sees that there are not more of them by now. Other tests of this program may have some for a moment.</summary>
    public void AssertNoMore()
    {
        Holdings now = OfThisProcess();
        Assert.True(
            SpinWait.SpinUntil(() => (now = OfThisProcess()).Descriptors <= Descriptors && now.Mappings <= Mappings, s_patience),
            $"{this} have become {now}");
    }

    private static bool IsHeld(string descriptor)
    {
        string? target = null;
        try
        {
            target = new FileInfo(descriptor).LinkTarget;
        }
        catch (IOException)
        {
            // Closed between the listing and here.
        }

        return target is not null
            && (target.StartsWith("pipe:", StringComparison.Ordinal) || s_files.Any(file => target.StartsWith(file, StringComparison.Ordinal)));
    }
}
