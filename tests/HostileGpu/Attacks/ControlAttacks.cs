using System.Buffers.Binary;
using System.Text;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;

namespace SplitVmm.HostileGpu.Attacks;

/// <summary>Against splitvmm, by the control connection and by the text that it shows.</summary>
internal static class ControlAttacks
{
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static IEnumerable<Attack> All =>
    [
        new("control: random bytes", ends => { _ = Pump.Send(ends.Control, Pump.Random(7, 1 << 20), Pump.Flood); Pump.Linger(); }),
        new("control: silence", _ => Pump.Linger()),
        new("control: one byte of a greeting at a time", SlowLoris),
        new("control: a frame of 16 MiB", ends => Frames(ends, Frame(0, 0, 1, new byte[0xffffff]))),
        new("control: a flood of settings", ends => Frames(ends, Frame(4, 0, 0, new byte[6 * 1000]))),
        new("control: a flood of pings", ends => Frames(ends, Frame(6, 0, 0, new byte[8]))),
        new("control: streams opened and reset", ends => Frames(ends, () => [.. Headers(), .. Frame(3, 0, s_stream, [0, 0, 0, 8])])),
        new("control: streams without end", ends => Frames(ends, Headers)),
        new("control: headers without end", ends => Frames(ends, Frame(9, 0, 1, Pump.Random(8, 16000)))),
        Reports("reports", new GpuReport { Statistics = new GpuStatistics { Frames = ulong.MaxValue, StalledMs = uint.MaxValue } }),
        Reports("reports of a megabyte", new GpuReport { Renderer = new RendererInfo { Renderer = new string('x', 1 << 20) } }),
        Reports("reports that steer a terminal", new GpuReport { Renderer = new RendererInfo { Renderer = "\e[2J\e]0;taken\a\r\n\u202e" } }),
        new("control: a failure of a megabyte", ends => { ends.Attach().Fail(new string('y', 1 << 20)); Pump.Linger(); }),
        new("text: a hundred megabytes of lines", ends => Text(ends, string.Concat(Enumerable.Repeat("what a fine day\n", 4096)))),
        new("text: a hundred megabytes without an end of line", ends => Text(ends, new string('z', 1 << 16))),
        new("text: that steers a terminal", ends => Text(ends, "\e[2J\e[31mroot@host:~# \e]52;c;cm0gLXJmIH4K\a\r\n")),
    ];

    private static uint s_stream = 1;

    private static Attack Reports(string what, GpuReport report) => new($"control: a flood of {what}", ends =>
    {
        ControlConnection<GpuReport, GpuCommand> control = ends.Attach();
        long end = Environment.TickCount64 + (long)Pump.Flood.TotalMilliseconds;
        while (Environment.TickCount64 < end)
        {
            control.Report(report);
        }
    });

    private static void SlowLoris(Ends ends)
    {
        foreach (byte part in Preface)
        {
            _ = Pump.Send(ends.Control, [part], Pump.Flood);
            Thread.Sleep(100);
        }

        Pump.WaitForTheEnd();
    }

    private static void Frames(Ends ends, byte[] frame) => Frames(ends, () => frame);

    private static void Frames(Ends ends, Func<byte[]> next)
    {
        _ = Pump.Send(ends.Control, [.. Preface, .. Frame(4, 0, 0, [])], Pump.Flood);
        Pump.For(Pump.Flood, ends.Control, () => next());
        Pump.Linger();
    }

    /// <summary>A frame of HTTP/2 (RFC 9113 section 4.1).</summary>
    private static byte[] Frame(byte type, byte flags, uint stream, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>A new stream: ":method: POST", ":scheme: http", ":path: /" of the static table (RFC 7541 appendix A).</summary>
    private static byte[] Headers()
    {
        s_stream += 2;
        return Frame(1, 4, s_stream, [0x83, 0x86, 0x84]);
    }

    private static void Text(Ends ends, string text)
    {
        _ = ends.Attach();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        using Stream error = Console.OpenStandardError();
        long end = Environment.TickCount64 + (long)Pump.Flood.TotalMilliseconds;
        for (int sent = 0; sent < 100 << 20 && Environment.TickCount64 < end; sent += bytes.Length)
        {
            error.Write(bytes);
        }
    }
}
