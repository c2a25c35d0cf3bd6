using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using Xunit;

namespace SplitVmm.Ipc.Tests.Platform;

/// <summary>Writing into a file by a mapping that is over afterwards.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SharedMappingTests : IDisposable
{
    private const int Size = 3 * 4096;

    private readonly MemFd _file = MemFd.Create("mapping-test", Size, Seals.None);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4090, 12)]
    [InlineData(8192, 4096)]
    [InlineData(Size - 1, 1)]
    public void Write_LandsInTheFileAndNowhereElse(int offset, int length)
    {
        byte[] bytes = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
        Assert.Equal(0, SharedMapping.Write(_file, (ulong)offset, bytes));
        using SharedMapping seen = SharedMapping.Create(_file, 0, Size);
        Assert.Equal(bytes, seen.Slice((nuint)offset, length).ToArray());
        Assert.Equal(-1, seen.Slice(0, offset).IndexOfAnyExcept((byte)0));
        Assert.Equal(-1, seen.Slice((nuint)(offset + length), Size - offset - length).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Write_OfNothing_IsDone() => Assert.Equal(0, SharedMapping.Write(_file, 0, []));

    [Fact]
    public void Write_ToWhatCannotBeMapped_IsAnErrno()
    {
        using var file = EventFd.Create();
        Assert.NotEqual(0, SharedMapping.Write(file, 0, [1]));
    }

    [Fact]
    public void Write_AgainAndAgain_AllocatesNothingAndLeavesNoMapping()
    {
        _ = SharedMapping.Write(_file, 5000, [1]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _ = SharedMapping.Write(_file, 5000, [1, 2, 3]);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.DoesNotContain(File.ReadLines("/proc/self/maps"), line => line.Contains("mapping-test", StringComparison.Ordinal));
    }

    public void Dispose() => _file.Dispose();
}
