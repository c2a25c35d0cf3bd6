using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Commands;

/// <summary>
/// Random rectangles from scattered guest memory, compared pixel by pixel with a plain model of what the
/// specification says, as the display sees them.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class Transfer2dOracleTests : IDisposable
{
    private readonly InProcessGpu _gpu = new();
    private readonly GpuGuest _guest;
    private readonly TestDisplay _display;

    public Transfer2dOracleTests()
    {
        _guest = _gpu.Connect();
        _guest.Start();
        _display = _gpu.ConnectDisplay();
    }

    [Theory]
    [InlineData(1, 64, 64)]
    [InlineData(2, 17, 5)]
    [InlineData(3, 1, 40)]
    [InlineData(4, 333, 127)]
    [InlineData(5, 641, 3)]
    public void TransferAndFlush_ScatteredBacking_DisplayShowsTheModel(int seed, uint width, uint height)
    {
        var random = new Random(seed);
        VirtioGpuFormats[] formats = [.. Enum.GetValues<VirtioGpuFormats>().Where(format => format != VirtioGpuFormats.None)];
        foreach (VirtioGpuFormats format in formats)
        {
            uint id = (uint)format;
            _guest.Create2d(id, width, height, format);
            var backing = new ScatteredBacking(_guest, random, (int)(width * height * 4));
            _guest.Attach(id, backing.Pieces);
            var all = new VirtioGpuRect(0, 0, width, height);
            _guest.Do(SetScanoutRequest(0, id, all));
            uint[] model = new uint[width * height];

            for (int step = 0; step < 25; step++)
            {
                backing.Randomise(random);
                VirtioGpuRect area = RandomArea(random, width, height);
                // The usual offset, or any other that the backing covers.
                ulong extent = ((area.Height - 1) * (ulong)width * 4) + (area.Width * 4);
                ulong offset = step % 3 != 0
                    ? (((ulong)area.Y * width) + area.X) * 4
                    : (ulong)random.NextInt64(0, (long)((ulong)backing.Length - extent) + 1);
                _guest.Do(TransferRequest(id, area, offset));
                Model(model, width, area, backing.Contents(), (int)offset);
                _guest.Do(FlushRequest(id, area));
            }

            Assert.True(_display.RunUntil(() => Shows(model, width, height)), $"seed {seed}, {format}: {Difference(model, width)}");
        }
    }

    public void Dispose()
    {
        _display.Dispose();
        _guest.Dispose();
        _gpu.Dispose();
    }

    private static VirtioGpuRect RandomArea(Random random, uint width, uint height)
    {
        uint x = (uint)random.Next((int)width);
        uint y = (uint)random.Next((int)height);
        return random.Next(4) == 0
            ? new VirtioGpuRect(0, 0, width, height)
            : new VirtioGpuRect(x, y, 1 + (uint)random.Next((int)(width - x)), 1 + (uint)random.Next((int)(height - y)));
    }

    private static void Model(uint[] model, uint width, in VirtioGpuRect area, byte[] backing, int offset)
    {
        for (uint row = 0; row < area.Height; row++)
        {
            for (uint column = 0; column < area.Width; column++)
            {
                int at = offset + (int)(row * width * 4) + (int)(column * 4);
                model[((area.Y + row) * width) + area.X + column] = MemoryMarshal.Read<uint>(backing.AsSpan(at));
            }
        }
    }

    private bool Shows(uint[] model, uint width, uint height) =>
        _display.Pictures[0] is { } picture && picture.Configuration.Width == width && picture.Configuration.Height == height
        && picture.Pixels.AsSpan().SequenceEqual(model);

    private string Difference(uint[] model, uint width)
    {
        uint[] shown = _display.Pictures[0]?.Pixels ?? [];
        int at = shown.AsSpan().CommonPrefixLength(model);
        return at < Math.Min(shown.Length, model.Length)
            ? $"at {at % width},{at / width} 0x{shown[at]:x8} where 0x{model[at]:x8} belongs"
            : $"{shown.Length} pixels where {model.Length} belong";
    }

    /// <summary>Guest memory in pieces of odd sizes, out of order, with gaps.</summary>
    private sealed class ScatteredBacking
    {
        private readonly GpuGuest _guest;

        public ScatteredBacking(GpuGuest guest, Random random, int length)
        {
            _guest = guest;
            Length = length;
            var pieces = new List<(ulong, uint)>();
            for (int left = length; left > 0;)
            {
                int part = Math.Min(left, 1 + random.Next(Math.Max(1, length / 7)));
                pieces.Add((guest.Memory.Allocate(part + random.Next(64), 1), (uint)part));
                left -= part;
            }

            // Their order in the backing is not that of their addresses.
            int[] order = [.. Enumerable.Range(0, pieces.Count)];
            random.Shuffle(order);
            Pieces = [.. order.Select(index => pieces[index])];
        }

        public (ulong Address, uint Length)[] Pieces { get; }

        public int Length { get; }

        public void Randomise(Random random)
        {
            foreach ((ulong address, uint length) in Pieces)
            {
                random.NextBytes(_guest.Memory.Span(address, (int)length));
            }
        }

        public byte[] Contents() =>
            [.. Pieces.SelectMany(piece => _guest.Memory.Span(piece.Address, (int)piece.Length).ToArray())];
    }
}
