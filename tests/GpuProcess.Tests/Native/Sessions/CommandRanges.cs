using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;

namespace SplitVmm.GpuProcess.Tests.Native.Sessions;

/// <summary>Where the commands of a stream are, as the host has to read it.</summary>
internal static class CommandRanges
{
    public const int HeaderSize = 16;

    private const uint Alignment = 4;

    /// <summary>All commands; the last one may be wrong in its length or the place of its answer, and then has only its header here.</summary>
    public static List<Range> Of(ReadOnlySpan<byte> stream)
    {
        var ranges = new List<Range>();
        int at = 0;
        while (stream.Length - at >= HeaderSize)
        {
            VdrmCcmdReq header = Header(stream[at..]);
            if (header.Len < HeaderSize || header.Len > (uint)(stream.Length - at) || header.Len % Alignment != 0 || header.RspOff % Alignment != 0)
            {
                ranges.Add(at..(at + HeaderSize));
                break;
            }

            ranges.Add(at..(at + (int)header.Len));
            at += (int)header.Len;
        }

        return ranges;
    }

    public static VdrmCcmdReq Header(ReadOnlySpan<byte> command) => MemoryMarshal.Read<VdrmCcmdReq>(command);
}
