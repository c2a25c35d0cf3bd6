using System.Numerics;

namespace SplitVmm.DisplayProcess.Input;

/// <summary>Which key and button codes are down.</summary>
internal sealed class KeySet
{
    private readonly ulong[] _bits = new ulong[(Wires.Input.EventCodes.KEY_MAX / 64) + 1];

    public bool Contains(ushort code) => (_bits[code / 64] & (1ul << (code % 64))) != 0;

    public void Set(ushort code, bool down)
    {
        if (down)
        {
            _bits[code / 64] |= 1ul << (code % 64);
        }
        else
        {
            _bits[code / 64] &= ~(1ul << (code % 64));
        }
    }

    /// <summary>Takes one code out; false if none is left.</summary>
    public bool TryTake(out ushort code)
    {
        for (int i = 0; i < _bits.Length; i++)
        {
            if (_bits[i] != 0)
            {
                code = (ushort)((i * 64) + BitOperations.TrailingZeroCount(_bits[i]));
                Set(code, false);
                return true;
            }
        }

        code = 0;
        return false;
    }
}
