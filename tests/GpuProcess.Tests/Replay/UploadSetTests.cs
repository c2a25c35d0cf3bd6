using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Software;
using SplitVmm.Harness;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Replay;

/// <summary>Which copies are remembered, and how they become few.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class UploadSetTests : IDisposable
{
    private const uint Size = 64;

    private readonly DriverMemory _memory = new(1 << 20);
    private readonly SoftwareResource _resource = new(1, Size, Size, 1);
    private readonly UploadSet _set = new();

    public UploadSetTests() => _resource.Backing = GuestBacking.TryCreate(
        _memory.Memory, [new VirtioGpuMemEntry { Addr = _memory.Base, Length = Size * Size * 4 }]);

    [Fact]
    public void Add_OfTilesInOnePicture_MakesOneAroundThem()
    {
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            uint x = (uint)random.Next(8) * 8;
            uint y = (uint)random.Next(8) * 8;
            _ = _set.Add(_resource, Tile(x, y, 8, 8));
        }

        Assert.Equal(1, _set.Count);
        Assert.Equal(Tile(0, 0, Size, Size), _set.Uploads[0]);
        Assert.False(_set.Add(_resource, Tile(16, 16, 8, 8)));
    }

    [Fact]
    public void Add_OfTilesFromDifferentPlaces_KeepsThemApart()
    {
        Assert.True(_set.Add(_resource, Tile(0, 0, 8, 8)));
        UploadSet.Upload elsewhere = Tile(8, 0, 8, 8);
        elsewhere.Offset = 4096;
        Assert.True(_set.Add(_resource, elsewhere));
        UploadSet.Upload level = Tile(0, 0, 8, 8);
        level.Level = 1;
        Assert.True(_set.Add(_resource, level));
        Assert.Equal(3, _set.Count);
    }

    [Fact]
    public void Add_WhoseUnionEndsBehindThePages_KeepsThemApart()
    {
        _resource.Backing = GuestBacking.TryCreate(
            _memory.Memory, [new VirtioGpuMemEntry { Addr = _memory.Base, Length = (63 * Size * 4) + 32 }]);
        _ = _set.Add(_resource, Tile(0, 63, 8, 1));
        _ = _set.Add(_resource, Tile(56, 0, 8, 8));
        Assert.Equal(2, _set.Count);
    }

    [Fact]
    public void Add_OfMoreThanItHolds_ForgetsTheOldest()
    {
        for (uint i = 0; i < 50; i++)
        {
            UploadSet.Upload upload = Tile(0, 0, 8, 8);
            upload.Offset = i * 8;
            _ = _set.Add(_resource, upload);
        }

        Assert.Equal(UploadSet.MaxUploads, _set.Count);
        Assert.Contains(_set.Uploads.ToArray(), upload => upload.Offset == 49 * 8);
    }

    [Fact]
    public void Add_OfWildValues_NeverThrows()
    {
        var random = new Random(9);
        for (int i = 0; i < 10_000; i++)
        {
            _ = _set.Add(_resource, new UploadSet.Upload
            {
                Offset = (ulong)random.NextInt64(),
                Level = (uint)random.Next(3) == 0 ? uint.MaxValue : 0,
                X = (uint)random.Next(),
                Y = uint.MaxValue,
                Z = (uint)random.Next(),
                Width = uint.MaxValue,
                Height = (uint)random.Next(),
                Depth = (uint)random.Next(2),
                Stride = (uint)random.Next(3),
            });
        }
    }

    public void Dispose()
    {
        _resource.Backing?.Dispose();
        _resource.Dispose();
        _memory.Dispose();
    }

    private static UploadSet.Upload Tile(uint x, uint y, uint width, uint height) => new()
    {
        Offset = ((y * Size) + x) * 4,
        Stride = Size * 4,
        X = x,
        Y = y,
        Width = width,
        Height = height,
        Depth = 1,
    };
}
