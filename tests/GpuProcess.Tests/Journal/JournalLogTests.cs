using SplitVmm.GpuProcess.Journal;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Journal;

/// <summary>The journal as a map that survives its process at any moment.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class JournalLogTests : IDisposable
{
    private readonly JournalImage _image = new(JournalSize);
    private readonly JournalMemory _memory;
    private readonly JournalLog _log;

    private const int JournalSize = 512 << 10;

    public JournalLogTests()
    {
        _memory = _image.Map();
        _memory.Format();
        Assert.True(JournalLog.TryOpen(_memory, out _log));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Reopen_AfterAnyStep_GivesWhatWasCommitted(int seed)
    {
        var random = new Random(seed);
        var now = new Dictionary<JournalKey, byte[]>();
        var committed = new Dictionary<JournalKey, byte[]>();
        for (int step = 0; step < 4000; step++)
        {
            if (random.Next(4) == 0)
            {
                _log.Commit();
                committed = new Dictionary<JournalKey, byte[]>(now);
                _log.MakeRoom();
            }

            var key = new JournalKey(JournalKind.Command, (uint)random.Next(4), (ushort)random.Next(3), (ulong)random.Next(5));
            if (random.Next(5) == 0)
            {
                _log.Remove(key);
                _ = now.Remove(key);
            }
            else
            {
                byte[] value = new byte[random.Next(10) == 0 ? random.Next(4000) : random.Next(60)];
                random.NextBytes(value);
                bool put = _log.TryPut(key, value);
                Assert.Equal(put, _log.Contains(key));
                _ = now.Remove(key);
                if (put)
                {
                    now[key] = value;
                }
            }

            if (step % 7 == 0)
            {
                AssertReopened(committed);
            }
        }

        Assert.False(_log.IsBroken);
    }

    [Fact]
    public void Reopen_MidRecord_GivesWhatWasCommitted()
    {
        var key = new JournalKey(JournalKind.Command, 1);
        Assert.True(_log.TryPut(key, [1, 2, 3]));
        _log.Commit();
        Assert.True(_log.TryBegin(key, 100, out Span<byte> room));
        room[..50].Fill(0xAA);

        AssertReopened(new() { [key] = [1, 2, 3] });
    }

    [Fact]
    public void Put_BeyondTheRoom_TakesTheFormerValueOut()
    {
        var key = new JournalKey(JournalKind.Command, 1);
        Assert.True(_log.TryPut(key, [1]));
        Assert.False(_log.TryPut(key, new byte[JournalSize]));
        Assert.False(_log.Contains(key));
        _log.Commit();
        AssertReopened([]);
    }

    [Fact]
    public void Put_UntilFull_LaterRemovalsMakeRoomAgain()
    {
        ulong count = 0;
        while (_log.TryPut(new JournalKey(JournalKind.Command, 1, 0, count), new byte[1000]))
        {
            count++;
            _log.Commit();
            _log.MakeRoom();
        }

        Assert.True(count > 50);
        for (ulong i = 0; i < count; i++)
        {
            _log.Remove(new JournalKey(JournalKind.Command, 1, 0, i));
        }

        _log.Commit();
        _log.MakeRoom();
        Assert.Equal(0, _log.LiveBytes);
        Assert.True(_log.TryPut(new JournalKey(JournalKind.Command, 1), new byte[1000]));
        Assert.False(_log.IsBroken);
    }

    [Fact]
    public void Remove_WithoutAnyRoom_MakesTheJournalEmptyForTheNext()
    {
        for (ulong i = 0; i < 3000; i++)
        {
            Assert.True(_log.TryPut(new JournalKey(JournalKind.Attachment, 1, 0, i), []));
        }

        // Within one request nothing is made room for.
        byte[] value = new byte[64];
        while (_log.TryPut(new JournalKey(JournalKind.Command, 1), value))
        {
            value[0]++;
        }

        for (ulong i = 0; i < 3000; i++)
        {
            _log.Remove(new JournalKey(JournalKind.Attachment, 1, 0, i));
        }

        Assert.True(_log.IsBroken);

        _log.Commit();
        AssertReopened([]);
        _log.Clear();
        Assert.True(_log.TryPut(new JournalKey(JournalKind.Command, 1), [1]));
        _log.Commit();
        AssertReopened(new() { [new JournalKey(JournalKind.Command, 1)] = [1] });
    }

    [Fact]
    public void Put_OfTheSameValue_WritesNothing()
    {
        var key = new JournalKey(JournalKind.Command, 1);
        Assert.True(_log.TryPut(key, [1, 2, 3]));
        byte[] before = _image.Bytes.ToArray();
        Assert.True(_log.TryPut(key, [1, 2, 3]));
        Assert.True(before.AsSpan().SequenceEqual(_image.Bytes));
    }

    [Fact]
    public void Steady_PutsAndRemovals_AllocateNothing()
    {
        byte[] value = new byte[300];
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 5000; i++)
            {
                value[0] = (byte)i;
                _ = _log.TryPut(new JournalKey(JournalKind.Command, (uint)i % 50), value);
                _log.Remove(new JournalKey(JournalKind.Command, (uint)(i + 25) % 50));
                _log.Commit();
                _log.MakeRoom();
            }

            if (round == 1)
            {
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            }
        }
    }

    [Fact]
    public void Map_OfWhatCannotServe_SaysWhy()
    {
        using var unsealed = new JournalImage(1 << 20, Seals.None);
        Assert.Contains("sealed", JournalMemory.TryMap(unsealed.File, out _), StringComparison.Ordinal);
        using var small = new JournalImage(4096);
        Assert.Contains("less than", JournalMemory.TryMap(small.File, out _), StringComparison.Ordinal);
        using EventFd other = EventFd.Create();
        Assert.Contains("memfd", JournalMemory.TryMap(other, out _), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _memory.Dispose();
        _image.Dispose();
    }

    private void AssertReopened(Dictionary<JournalKey, byte[]> expected)
    {
        using JournalImage copy = _image.Copy();
        using JournalMemory memory = copy.Map();
        Assert.True(JournalLog.TryOpen(memory, out JournalLog log));
        Assert.Equal(expected.Count, log.Count);
        foreach ((JournalKey key, byte[] value) in expected)
        {
            Assert.True(log.TryGet(key, out ReadOnlySpan<byte> found));
            Assert.True(found.SequenceEqual(value));
        }
    }
}
