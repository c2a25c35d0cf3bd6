using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Virtio.Driver;

namespace SplitVmm.GpuProcess.Tests.Fuzz;

/// <summary>
/// Makes random requests that are wrong in the ways that matter: mostly of known kinds, with ids, sizes and
/// rectangles near those that exist, cut off anywhere, in one piece or several.
/// </summary>
internal sealed class CommandFuzzer(int seed, GpuGuest guest)
{
    private static readonly uint[] s_types =
    [
        .. Enum.GetValues<VirtioGpuCtrlType>().Select(type => (uint)type).Where(type => type is >= 0x100 and < 0x1100),
    ];

    private readonly Random _random = new(seed);
    private readonly ulong _request = guest.Memory.Allocate(4096);
    private readonly ulong _response = guest.Memory.Allocate(4096);

    /// <summary>Words of which those behind the header of a SUBMIT_3D are made; null: random ones.</summary>
    public Func<Random, uint[]>? Streams { get; init; }

    public void OfferOne()
    {
        uint type = _random.Next(50) == 0 ? (uint)_random.Next() : s_types[_random.Next(s_types.Length)];
        if (Streams is not null && _random.Next(2) == 0)
        {
            type = _random.Next(40) == 0 ? (uint)VirtioGpuCtrlType.VIRTIO_GPU_CMD_CTX_CREATE : (uint)VirtioGpuCtrlType.VIRTIO_GPU_CMD_SUBMIT_3D;
        }

        byte[] body = Body(type);
        int length = _random.Next(30) == 0 ? _random.Next(body.Length + 1) : body.Length;
        body.AsSpan(0, length).CopyTo(guest.Memory.Span(_request, 4096));
        int room = _random.Next(30) == 0 ? _random.Next(60) : 2048;
        var buffers = new List<DriverBuffer>();
        for (int at = 0; at < length;)
        {
            int part = _random.Next(3) == 0 ? 1 + _random.Next(length - at) : length - at;
            buffers.Add(DriverBuffer.Readable(_request + (ulong)at, part));
            at += part;
        }

        if (room > 0)
        {
            buffers.Add(DriverBuffer.Writable(_response, room));
        }

        if (buffers.Count == 0 || buffers.Count > guest.Control.Ring.FreeDescriptors)
        {
            return;
        }

        _ = guest.Control.Ring.Offer([.. buffers]);
    }

    private byte[] Body(uint type)
    {
        uint[] words = new uint[64];
        for (int i = 6; i < words.Length; i++)
        {
            words[i] = Word();
        }

        words[0] = type;
        words[1] = _random.Next(4) == 0 ? Word() : (uint)_random.Next(2);
        words[2] = (uint)_random.Next();
        words[4] = (uint)_random.Next(4);
        int length = 24 + (4 * _random.Next(1, 58));
        switch ((VirtioGpuCtrlType)type)
        {
            case VirtioGpuCtrlType.VIRTIO_GPU_CMD_RESOURCE_CREATE_2D when _random.Next(4) != 0:
                (words[6], words[7], words[8], words[9]) = (Id(), _random.Next(2) == 0 ? 1u : 67u, Side(), Side());
                length = 40;
                break;
            case VirtioGpuCtrlType.VIRTIO_GPU_CMD_RESOURCE_CREATE_3D when _random.Next(4) != 0:
                // Target, format and binding as drivers have them; sizes small.
                uint[] usual = [Id(), (uint)_random.Next(9), (uint)_random.Next(140), 1u << _random.Next(21), Side(), Side(), 1 + (uint)_random.Next(3), 1, 0, 0, (uint)_random.Next(2)];
                usual.CopyTo(words, 6);
                length = 72;
                break;
            case VirtioGpuCtrlType.VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING when _random.Next(4) != 0:
                (words[6], words[7]) = (Id(), 1 + (uint)_random.Next(4));
                for (int entry = 0; entry < 4; entry++)
                {
                    ulong address = guest.Memory.Base + (ulong)_random.Next(1 << 20);
                    (words[8 + (entry * 4)], words[9 + (entry * 4)], words[10 + (entry * 4)]) = ((uint)address, (uint)(address >> 32), (uint)_random.Next(1 << 16));
                }

                length = 24 + 8 + 64;
                break;
            case VirtioGpuCtrlType.VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB when _random.Next(4) != 0:
                // Identity, memory and size as drivers have them; half of guest memory, half of the host's.
                bool ofGuest = _random.Next(2) == 0;
                uint[] blob = [Id(), ofGuest ? 1u : 2, (uint)_random.Next(4), ofGuest ? 1u : 0, 0, 0, (uint)_random.Next(1 << 15), 0];
                blob.CopyTo(words, 6);
                ulong pages = guest.Memory.Base + (ulong)_random.Next(1 << 20);
                (words[14], words[15], words[16]) = ((uint)pages, (uint)(pages >> 32), 1u << 15);
                words[4] = (uint)_random.Next(2);
                length = 56 + (ofGuest ? 16 : 0);
                break;
            case VirtioGpuCtrlType.VIRTIO_GPU_CMD_SET_SCANOUT_BLOB when _random.Next(4) != 0:
                uint width = Side();
                uint[] scanout = [0, 0, Side(), Side(), (uint)_random.Next(4), Id(), width, Side(), 1, 0, width * 4];
                scanout.CopyTo(words, 6);
                words[20] = (uint)_random.Next(64);
                length = 96;
                break;
            case VirtioGpuCtrlType.VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB when _random.Next(4) != 0:
                (words[6], words[8], words[9]) = (Id(), (uint)_random.Next(64) * 4096, 0);
                length = 40;
                break;
            case VirtioGpuCtrlType.VIRTIO_GPU_CMD_SUBMIT_3D:
                uint[] stream = Streams?.Invoke(_random) ?? [.. Enumerable.Range(0, _random.Next(40)).Select(_ => Word())];
                words = [.. words[..6], (uint)stream.Length * 4, _random.Next(40) == 0 ? 1u : 0, .. stream];
                length = words.Length * 4;
                break;
            default:
                if (_random.Next(2) == 0)
                {
                    // Rectangle first, then ids: the layout of scanout, flush and transfer.
                    (words[6], words[7], words[8], words[9], words[10], words[11], words[12]) =
                        ((uint)_random.Next(4), (uint)_random.Next(4), Side(), Side(), (uint)_random.Next(4), Id(), Id());
                }

                break;
        }

        return MemoryMarshal.AsBytes<uint>(words)[..length].ToArray();
    }

    private uint Id() => (uint)_random.Next(12);

    private uint Side() => (uint)_random.Next(1, 70);

    private uint Word() => _random.Next(6) switch
    {
        0 => 0,
        1 => uint.MaxValue,
        2 => (uint)_random.Next(),
        3 => 1u << _random.Next(32),
        _ => (uint)_random.Next(20),
    };
}
