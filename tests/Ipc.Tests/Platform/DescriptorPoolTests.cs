using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using Xunit;

namespace SplitVmm.Ipc.Tests.Platform;

/// <summary>Handles that are used for one descriptor after another: each descriptor is closed once, and nothing of it afterwards.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DescriptorPoolTests : IDisposable
{
    private readonly EventFd _file = EventFd.Create();
    private readonly DescriptorPool _pool = new();

    [Fact]
    public void Dispose_Closes()
    {
        int number = TakeNumber();
        PooledDescriptor taken = _pool.Take(number);
        Assert.True(taken.IsOpen);
        Assert.Equal(number, taken.Descriptor.Number);
        taken.Dispose();
        Assert.False(taken.IsOpen);
        Assert.False(IsOpen(number));
        Assert.Throws<ObjectDisposedException>(() => taken.Descriptor);
    }

    [Fact]
    public void Dispose_OfCopies_ClosesOnce()
    {
        PooledDescriptor taken = _pool.Take(TakeNumber());
        PooledDescriptor copy = taken;
        Descriptor handle = taken.Descriptor;
        taken.Dispose();
        // The same handle, and most likely the same number.
        PooledDescriptor next = _pool.Take(TakeNumber());
        Assert.Same(handle, next.Descriptor);
        copy.Dispose();
        taken.Dispose();
        Assert.False(copy.IsOpen);
        Assert.Throws<ObjectDisposedException>(() => copy.Descriptor);
        Assert.True(IsOpen(next.Descriptor.Number));
        next.Dispose();
    }

    [Fact]
    public void Handle_BetweenTwoDescriptors_IsNone()
    {
        PooledDescriptor taken = _pool.Take(TakeNumber());
        Descriptor handle = taken.Descriptor;
        taken.Dispose();
        Assert.Equal(-1, handle.Number);
        Assert.False(FileFacts.TryGet(handle, out _));
    }

    [Fact]
    public void Handle_DisposedItself_IsNotUsedAgain()
    {
        int number = TakeNumber();
        PooledDescriptor taken = _pool.Take(number);
        Descriptor handle = taken.Descriptor;
        handle.Dispose();
        Assert.False(IsOpen(number));
        taken.Dispose();
        using PooledDescriptor next = _pool.Take(TakeNumber());
        Assert.NotSame(handle, next.Descriptor);
        Assert.True(IsOpen(next.Descriptor.Number));
    }

    [Fact]
    public void Nothing_IsNotOpenAndDisposesNothing()
    {
        PooledDescriptor none = default;
        none.Dispose();
        Assert.False(none.IsOpen);
        Assert.Throws<ObjectDisposedException>(() => none.Descriptor);
        Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Take(-1));
    }

    [Fact]
    public void Take_AgainAndAgain_AllocatesNothing()
    {
        const int Rounds = 1000;
        int[] numbers = [.. Enumerable.Range(0, Rounds + 1).Select(_ => TakeNumber())];
        // Two at a time.
        PooledDescriptor former = _pool.Take(numbers[0]);
        _pool.Take(numbers[1]).Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (int number in numbers.AsSpan(2))
        {
            PooledDescriptor taken = _pool.Take(number);
            former.Dispose();
            former = taken;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        former.Dispose();
        Assert.All(numbers, number => Assert.False(IsOpen(number)));
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A descriptor that nobody owns.</summary>
    private int TakeNumber()
    {
        Descriptor copy = _file.Duplicate();
        int number = copy.Number;
        copy.SetHandleAsInvalid();
        return number;
    }

    /// <summary>Whether it is open and that of this test's file.</summary>
    private static bool IsOpen(int number)
    {
        string? target = null;
        try
        {
            target = new FileInfo($"/proc/self/fd/{number}").LinkTarget;
        }
        catch (IOException)
        {
            // Not open.
        }

        return target?.Contains("eventfd", StringComparison.Ordinal) == true;
    }
}
