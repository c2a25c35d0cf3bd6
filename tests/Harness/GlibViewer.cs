using System.Text.Json;
using Xunit;

namespace SplitVmm.Harness;

/// <summary>
/// A viewer of QEMU's D-Bus display by GLib, an implementation of D-Bus that shares nothing with this project
/// (tests/viewer/viewer.py). What the display calls is told in lines of JSON.
/// </summary>
public sealed class GlibViewer : IDisposable
{
    private const string Map = "org.qemu.Display1.Listener.Unix.Map";
    private const string DmaBuf2 = "org.qemu.Display1.Listener.Unix.ScanoutDMABUF2";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly ChildProgram _program;
    private int _read;

    private GlibViewer(ChildProgram program) => _program = program;

    /// <summary>Options of the program: it maps memory.</summary>
    public static string[] MapsMemory { get; } = ["--interface", Map];

    /// <summary>Options of the program: it takes dma-bufs with offsets.</summary>
    public static string[] TakesPlanes { get; } = ["--interface", DmaBuf2];

    /// <summary>Everything that was told so far.</summary>
    public IReadOnlyList<JsonElement> Calls =>
        [.. _program.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <param name="fd">The viewer's end of a socket, which children inherit.</param>
    /// <param name="options">Further ones of the program.</param>
    public static GlibViewer OnSocket(int fd, params string[] options) =>
        new(ChildProgram.Start(Python(), [Script, "--fd", fd.ToString(System.Globalization.CultureInfo.InvariantCulture), .. options]));

    /// <summary>Registers itself on the session bus of these variables.</summary>
    public static GlibViewer OnBus(IReadOnlyDictionary<string, string> variables, params string[] options) =>
        new(ChildProgram.Start(Python(), [Script, "--console", "0", .. options], variables));

    /// <summary>The next call of a name for which the condition holds, after those that were waited for before.</summary>
    public JsonElement WaitFor(string call, Func<JsonElement, bool>? condition = null)
    {
        long end = Environment.TickCount64 + (long)s_limit.TotalMilliseconds;
        while (true)
        {
            IReadOnlyList<JsonElement> calls = Calls;
            for (; _read < calls.Count; _read++)
            {
                JsonElement item = calls[_read];
                if (item.GetProperty("call").GetString() == call && condition?.Invoke(item) != false)
                {
                    _read++;
                    return item;
                }
            }

            if (Environment.TickCount64 > end || _program.HasExited)
            {
                throw new TimeoutException($"no {call} came; {_program.StandardOutput}{_program.StandardError}");
            }

            Thread.Sleep(10);
        }
    }

    /// <summary>The program ends, and its socket with it.</summary>
    public void Dispose() => _program.Dispose();

    /// <summary>CRC-32 of a picture as the program tells it.</summary>
    /// <param name="pixel">0xRRGGBB at a column and a row.</param>
    public static string CrcOf(int width, int height, Func<int, int, uint> pixel)
    {
        const uint Polynomial = 0xEDB8_8320;
        uint crc = uint.MaxValue;
        for (int at = 0; at < width * height; at++)
        {
            uint word = pixel(at % width, at / width);
            foreach (byte value in (ReadOnlySpan<byte>)[(byte)(word >> 16), (byte)(word >> 8), (byte)word])
            {
                crc ^= value;
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
                }
            }
        }

        return (~crc).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Script => SourceTree.Path("tests", "viewer", "viewer.py");

    // Another Python may stand first on PATH, without Debian's modules.
    private static string Python()
    {
        foreach (string candidate in new[] { "/usr/bin/python3", Needs.Program("python3", "python3") })
        {
            if (File.Exists(candidate)
                && ChildProgram.Run(candidate, ["-c", "import gi; gi.require_version('Gio', '2.0')"], s_limit).ExitStatus == 0)
            {
                return candidate;
            }
        }

        Assert.Skip("Python has no bindings of GLib (Debian package python3-gi)");
        return "";
    }
}
