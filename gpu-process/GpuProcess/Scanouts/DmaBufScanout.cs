using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>What the display has of a scanout that it is shown as dma-bufs: those that the guest flips between.</summary>
internal sealed class DmaBufScanout(in DmaBufConfiguration configuration)
{
    private readonly Slot[] _slots = new Slot[DisplayProtocol.MaxBuffers];
    private long _uses;

    public DmaBufConfiguration Configuration { get; } = configuration;

    /// <summary>The buffer of the last frame; null before the first.</summary>
    public uint? Shown { get; private set; }

    /// <summary>The buffer under which the display has a picture from a pixel on; null: it has it not.</summary>
    public uint? Find(ExportedPicture picture, uint x, uint y)
    {
        for (uint i = 0; i < _slots.Length; i++)
        {
            if (_slots[i].Picture == picture && _slots[i].X == x && _slots[i].Y == y)
            {
                return i;
            }
        }

        return null;
    }

    /// <summary>Whatever the display has of a picture.</summary>
    public uint? FindAny(ExportedPicture picture)
    {
        int index = Array.FindIndex(_slots, slot => slot.Picture == picture);
        return index < 0 ? null : (uint)index;
    }

    /// <summary>A number for a further picture: an empty one, or that which was shown longest ago.</summary>
    /// <param name="wire">Knows which ones await an answer.</param>
    /// <returns>Null: all do.</returns>
    public uint? FindRoom(DisplayWireSource wire)
    {
        uint? best = null;
        for (uint i = 0; i < _slots.Length; i++)
        {
            bool isFree = wire.IsBufferFree(Configuration.Scanout, i) && (_slots[i].Picture is null || i != Shown);
            if (isFree && (best is not { } other || _slots[i].LastUse < _slots[other].LastUse))
            {
                best = i;
            }
        }

        return best;
    }

    public void Put(uint slot, ExportedPicture picture, uint x, uint y) => _slots[slot] = new Slot { Picture = picture, X = x, Y = y };

    public void Clear(uint slot) => _slots[slot] = default;

    /// <summary>A frame shows it.</summary>
    /// <returns>Whether another one was shown before.</returns>
    public bool Show(uint slot)
    {
        bool isFlip = Shown is { } former && former != slot;
        Shown = slot;
        _slots[slot].LastUse = ++_uses;
        return isFlip;
    }

    private struct Slot
    {
        public ExportedPicture? Picture;
        public uint X;
        public uint Y;
        public long LastUse;
    }
}
