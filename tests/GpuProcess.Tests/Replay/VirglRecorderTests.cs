using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Tests.Virgl;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Replay;

/// <summary>What the journal keeps of command streams, and what comes out of it again.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class VirglRecorderTests : IDisposable
{
    private readonly RecorderRig _rig = new();

    [Fact]
    public void Replay_OfObjectsAndState_HasEachOnceAndTheLatest()
    {
        _rig.Submit(new VirglStream().CreateSubContext(1).CreateSurface(2, 1, 1).SetFramebuffer(2).Add(12, 0, 0, 0, 11));
        _rig.Submit(new VirglStream().Add(12, 0, 0, 0, 22).Clear(0, 0, 0, 0).Add(12, 0, 1, 0, 33).Add(12, 0, 0, 0, 44));

        Assert.Equal(
            Words(new VirglStream().Add(28, 0, 0).CreateSubContext(1).CreateSurface(2, 1, 1).SetFramebuffer(2)
                .Add(12, 0, 0, 0, 44).Add(12, 0, 1, 0, 33).Add(28, 0, 1)).Order(),
            _rig.Replay().Order());
    }

    [Fact]
    public void Replay_AfterDestroy_HasNeitherObjectNorItsBinding()
    {
        _rig.Submit(new VirglStream().Add(1, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).Add(2, 1, 3).CreateSurface(4, 1, 1).SetFramebuffer(4));
        _rig.Submit(new VirglStream().Add(3, 1, 3).Add(3, 8, 4));

        // The framebuffer stays set, to nothing.
        Assert.Equal(Words(new VirglStream().Add(28, 0, 0).SetFramebuffer(0)), _rig.Replay());
    }

    [Fact]
    public void Replay_OfStateWithResourcesThatAreGone_NamesThemNoMore()
    {
        _rig.Submit(new VirglStream().Add(6, 0, 16, 0, 3, 16, 0, 77).Add(27, 0, 0, 1, 0, 64, 88).CreateSurface(5, 99, 1).SetFramebuffer(5));

        Assert.Equal(
            Words(new VirglStream().Add(28, 0, 0).Add(6, 0, 16, 0, 3, 16, 0, 0).Add(27, 0, 0, 1, 0, 64, 0).SetFramebuffer(0)),
            _rig.Replay());
    }

    [Fact]
    public void Replay_OfALongShader_HasItsPartsInOrder()
    {
        VirglStream parts = new VirglStream().Add(1, 4, 7, 0, 40, 9, 0, 1, 2, 3)
            .Add(1, 4, 7, 0, 12 | (1u << 31), 9, 0, 4, 5, 6).Add(1, 4, 7, 0, 24 | (1u << 31), 9, 0, 7, 8, 9);
        _rig.Submit(parts);
        Assert.Equal([.. Words(new VirglStream().Add(28, 0, 0)), .. Words(parts)], _rig.Replay());

        VirglStream shorter = new VirglStream().Add(1, 4, 7, 1, 4, 9, 0, 1);
        _rig.Submit(shorter);
        Assert.Equal([.. Words(new VirglStream().Add(28, 0, 0)), .. Words(shorter)], _rig.Replay());
    }

    [Fact]
    public void Replay_OfSubContexts_KeepsTheirStateApart()
    {
        _rig.Submit(new VirglStream().CreateSubContext(1).Add(13, 0, 1).CreateSubContext(2).Add(13, 0, 2).Add(28, 0, 1).Add(24, 0, 5));
        Assert.Equal(
            Words(new VirglStream().Add(28, 0, 0).CreateSubContext(1).Add(13, 0, 1).Add(24, 0, 5).CreateSubContext(2).Add(13, 0, 2).Add(28, 0, 1)),
            _rig.Replay());

        _rig.Submit(new VirglStream().Add(30, 0, 1).Add(13, 0, 9));
        Assert.Equal(
            Words(new VirglStream().Add(28, 0, 0).Add(13, 0, 9).CreateSubContext(2).Add(13, 0, 2).Add(28, 0, 0)),
            _rig.Replay());
    }

    [Fact]
    public void Replay_OfQueries_EndsThoseThatHaveEnded()
    {
        _rig.Submit(new VirglStream().Add(1, 9, 3, 0, 0, 1).Add(1, 9, 4, 0, 0, 1).Add(1, 9, 5, 0, 0, 1)
            .Add(19, 0, 4).Add(19, 0, 3).Add(20, 0, 3).Add(21, 0, 3, 1));

        Assert.Equal(
            Words(new VirglStream().Add(28, 0, 0).Add(1, 9, 3, 0, 0, 1).Add(1, 9, 4, 0, 0, 1).Add(1, 9, 5, 0, 0, 1)
                .Add(19, 0, 3).Add(20, 0, 3).Add(21, 0, 3, 1).Add(19, 0, 4)),
            _rig.Replay());
    }

    [Fact]
    public void Record_BeyondTheLimit_LosesTheContextAndFreesItsRoom()
    {
        using var rig = new RecorderRig(limit: 10_000);
        for (uint handle = 1; handle < 100; handle++)
        {
            rig.Submit(new VirglStream().Add(1, 4, [handle, 0, 200, 9, 0, .. new uint[50]]));
        }

        Assert.True(rig.Recorder.IsLost);
        Assert.Equal(1, rig.Log.Count);
        Assert.True(rig.Log.Contains(new JournalKey(JournalKind.LostContext, 1)));
        // Uploads of resources are followed all the same.
        rig.Submit(new VirglStream().Add(43, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 1, 1, 0, 1));
        Assert.Equal(1, rig.Uploads);
    }

    [Fact]
    public void Record_OfChurn_StaysInsideItsRoom()
    {
        using var rig = new RecorderRig(limit: 64 << 10, size: 512 << 10);
        for (uint i = 0; i < 20_000; i++)
        {
            rig.Submit(new VirglStream().CreateSurface(2 + (i % 7), 1, 1).Add(3, 8, 2 + ((i + 3) % 7)).Add(12, 0, 0, 0, i, i, i, i));
        }

        Assert.False(rig.Recorder.IsLost);
        Assert.True(rig.Recorder.Bytes < 2000);
        Assert.True(rig.Log.LiveBytes < 2000);
    }

    [Fact]
    public void Record_OfTheSameFrames_AllocatesNothing()
    {
        uint[] frame = Words(new VirglStream().CreateSurface(3, 1, 1).SetFramebuffer(3).Clear(0, 0, 0, 0)
            .Add(12, 0, 0, 0, 1, 2, 3).Add(6, 0, 16, 0, 3).Add(3, 8, 3));
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (uint i = 0; i < 3000; i++)
            {
                frame[^1] = 3;
                _rig.Submit(frame);
            }

            if (round == 1)
            {
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Replay_OfAReplay_IsTheSame(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 30; round++)
        {
            using var rig = new RecorderRig(limit: 1 << 20, size: 2 << 20);
            for (int i = 0; i < 40; i++)
            {
                rig.Submit(WithoutVideo(VirglStreamFuzzer.Make(random)));
            }

            Assert.False(rig.Recorder.IsLost);
            uint[] replay = rig.Replay();
            Assert.NotEmpty(replay);
            using var second = new RecorderRig(limit: 1 << 20, size: 2 << 20);
            second.Submit(replay);
            Assert.Equal(Sorted(replay), Sorted(second.Replay()));
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Adopt_OfRubbish_NeverThrows(int seed)
    {
        var random = new Random(seed);
        using var rig = new RecorderRig();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] value = new byte[random.Next(60)];
            random.NextBytes(value);
            if (value.Length >= 4 && random.Next(2) == 0)
            {
                BitConverter.TryWriteBytes(value, (uint)random.Next(60) | ((uint)random.Next(12) << 8) | ((uint)((value.Length / 4) - 1) << 16));
            }

            var key = new JournalKey(JournalKind.Command, 1, (ushort)random.Next(random.Next(2) == 0 ? 64 : 0x10000), (ulong)random.NextInt64(1L << (8 * random.Next(1, 7))));
            _ = rig.Recorder.TryAdopt(key, value);
        }
    }

    public void Dispose() => _rig.Dispose();

    private static uint[] Words(VirglStream stream) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(stream.Bytes).ToArray();

    /// <summary>Video is given up on sight.</summary>
    private static uint[] WithoutVideo(uint[] stream)
    {
        for (long at = 0; at < stream.Length; at += (stream[at] >> 16) + 1)
        {
            stream[at] &= (byte)stream[at] == (byte)VirglCommandCode.VIRGL_CCMD_CREATE_VIDEO_CODEC ? ~0xFFu : ~0u;
        }

        return stream;
    }

    /// <summary>The commands as text, in an order of their own: state that does not overlap has none.</summary>
    private static string[] Sorted(uint[] stream)
    {
        List<string> commands = [];
        ReadOnlySpan<uint> rest = stream;
        while (VirglCommand.TryTake(ref rest, out VirglCommand command))
        {
            commands.Add(string.Join(' ', command.Words.ToArray()));
        }

        Assert.True(rest.IsEmpty);
        commands.Sort(StringComparer.Ordinal);
        return [.. commands];
    }
}
