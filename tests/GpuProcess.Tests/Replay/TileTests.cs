using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Software;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Virgl;
using SplitVmm.Harness;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Replay;

/// <summary>Contents that the journal keeps itself, and when it no longer does.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class TileTests : IDisposable
{
    private const uint Size = 64;

    private readonly JournalImage _image = new(8 << 20);
    private readonly GpuJournal _journal;
    private readonly DriverMemory _memory = new(1 << 20);
    private readonly SoftwareResource _resource = new(1, Size, Size, 1);
    private readonly ResourceTable _table = new(new ResourceLimits());
    private readonly GpuContext _context = new(1);
    private readonly UploadRecorder _recorder;

    public TileTests()
    {
        _journal = _image.Open();
        _table.Add(_resource);
        _table.SetBacking(_resource, GuestBacking.TryCreate(
            _memory.Memory, [new VirtioGpuMemEntry { Addr = _memory.Base, Length = Size * Size * 4 }])!);
        _ = _context.Resources.Add(1);
        _recorder = new UploadRecorder(_journal, _table);
    }

    [Fact]
    public void InlineWrites_AtOnePlace_KeepTheLast()
    {
        for (uint i = 0; i < 100; i++)
        {
            Write(8, 8, i);
        }

        Assert.Equal(1, _journal.Log.Count);
        Assert.True(_journal.Log.TryGet(Key(8, 8), out ReadOnlySpan<byte> value));
        Assert.Equal(99u, BitConverter.ToUInt32(value[48..]));
        Assert.Equal(48 + 16, value.Length);
    }

    [Fact]
    public void Upload_OverATile_TakesItOut()
    {
        Write(8, 8, 1);
        Write(40, 40, 2);
        _recorder.Upload(_resource, new VirtioGpuTransferHost3d { ResourceId = 1, Box = { X = 9, Y = 7, W = 4, H = 4, D = 1 }, Stride = Size * 4 });

        Assert.False(_journal.Log.Contains(Key(8, 8)));
        Assert.True(_journal.Log.Contains(Key(40, 40)));
        Assert.Equal(1, _resource.Tiles!.Count);
    }

    [Fact]
    public void Tiles_BeyondTheirShare_AreNotKept()
    {
        uint[] large = new uint[64 * 64];
        for (uint x = 0; x < 100; x++)
        {
            Add(new VirglStream().Add(9, 0, [1, 0, 0, 0, 0, x, 0, 0, 64, 64, 1, .. large]));
        }

        Assert.InRange(_resource.Tiles!.Bytes, 1 << 19, TileSet.MaxBytes);
        _journal.ResourceDestroyed(_resource);
        Assert.Equal(0, _journal.Log.Count);
    }

    [Fact]
    public void Copies_FromBehindThePages_AreNotKept()
    {
        Add(new VirglStream().Add(45, 0, 1, 0, 0, 0, 0, 0, 0, 0, 64, 64, 1, 1, 4, 0));
        Add(new VirglStream().Add(45, 0, 1, 0, 0, 0, 0, 0, 0, 0, 64, 64, 1, 1, uint.MaxValue, 0));
        Assert.Equal(0, _journal.Log.Count);
        Add(new VirglStream().Add(45, 0, 1, 0, 0, 0, 0, 0, 0, 0, 64, 64, 1, 1, 0, 0));
        Assert.Equal(1, _journal.Log.Count);
    }

    [Fact]
    public void WildWrites_NeverThrow()
    {
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++)
        {
            uint[] words = new uint[random.Next(8, 40)];
            for (int word = 0; word < words.Length; word++)
            {
                words[word] = random.Next(4) switch { 0 => (uint)random.Next(), 1 => uint.MaxValue, _ => (uint)random.Next(70) };
            }

            words[0] = 1;
            Add(new VirglStream().Add(random.Next(3) switch { 0 => 9u, 1 => 43u, _ => 45u }, 0, words));
            _journal.Log.Commit();
            _journal.Log.MakeRoom();
        }
    }

    public void Dispose()
    {
        _table.DropBacking(_resource);
        _resource.Dispose();
        _journal.Dispose();
        _image.Dispose();
        _memory.Dispose();
    }

    private static JournalKey Key(uint x, uint y) => new(JournalKind.Tile, 1, 0, ((ulong)y << 20) | x);

    private void Write(uint x, uint y, uint value) =>
        Add(new VirglStream().Add(9, 0, 1, 0, 0, 8, 0, x, y, 0, 2, 2, 1, value, value, value, value));

    private void Add(VirglStream stream)
    {
        ReadOnlySpan<uint> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(stream.Bytes);
        Assert.True(VirglCommand.TryTake(ref words, out VirglCommand command));
        _recorder.Upload(_context, command);
    }
}
