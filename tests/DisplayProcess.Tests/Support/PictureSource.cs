using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Memory;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.DisplayProcess.Tests.Support;

/// <summary>A gpu-process for tests: draws into a memfd and sends it over a real wire, on the test's thread.</summary>
internal sealed class PictureSource : IDisplayWireSourceHandler, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly UnixSocket _raw;
    private readonly DisplayWireSource _wire;
    private readonly List<OutputInfo> _outputs = [];
    private readonly List<FrameDone> _done = [];
    private SharedMapping? _mapping;
    private uint _generation;
    private ulong _sequence;
    private bool _ready;

    public PictureSource(UnixSocket socket)
    {
        _raw = UnixSocket.Adopt(socket.Duplicate());
        _wire = new DisplayWireSource(_loop, socket, this);
    }

    /// <summary>The scanout that pictures go to.</summary>
    public uint Scanout { get; init; }

    public ScanoutConfiguration Configuration { get; private set; }

    public IReadOnlyList<OutputInfo> Outputs => _outputs;

    public IReadOnlyList<FrameDone> Done => _done;

    public WireError? Violation { get; private set; }

    public bool IsClosed { get; private set; }

    public void WaitUntilReady() => WaitUntil(() => _ready && _outputs.Count > 0, "the display's hello");

    /// <summary>Sets the scanout to new buffers of this size.</summary>
    /// <param name="padding">Bytes after each row.</param>
    public void Configure(
        int width, int height, DrmFourcc format = DrmFourcc.DRM_FORMAT_XRGB8888, int padding = 0, bool upright = true, int buffers = 2)
    {
        uint stride = (uint)((width * 4) + padding);
        ulong size = (stride * (ulong)height + 4095) & ~4095ul;
        Configuration = new ScanoutConfiguration
        {
            Scanout = Scanout,
            Generation = ++_generation,
            Width = (uint)width,
            Height = (uint)height,
            Format = format,
            Stride = stride,
            BufferCount = (uint)buffers,
            Flags = upright ? ScanoutFlags.Y0Top : ScanoutFlags.None,
            BufferOffset = 4096,
            BufferSize = size,
        };
        using MemFd memory = MemFd.Create(
            "test-scanout", (long)(4096 + (size * (ulong)buffers)), Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
        _mapping?.Dispose();
        _mapping = SharedMapping.Create(memory, 0, (nuint)memory.Size);
        WaitFor(() => _wire.SetScanout(Configuration, memory), "scanout set");
    }

    /// <summary>One row of a buffer in memory order.</summary>
    public Span<uint> MemoryRow(uint buffer, int row) => MemoryMarshal.Cast<byte, uint>(
        _mapping!.Slice(
            (nuint)(Configuration.BufferOffset + (buffer * Configuration.BufferSize) + ((ulong)row * Configuration.Stride)),
            (int)Configuration.Width * 4));

    /// <summary>Draws words by a function of column and row (memory order).</summary>
    public void Draw(uint buffer, Func<int, int, uint> pixel)
    {
        for (int y = 0; y < Configuration.Height; y++)
        {
            Span<uint> row = MemoryRow(buffer, y);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = pixel(x, y);
            }
        }
    }

    /// <summary>Sends a buffer, whole unless damage is given.</summary>
    public void Send(uint buffer, params DamageRectangle[] damage)
    {
        DamageRectangle[] parts = damage.Length > 0
            ? damage
            : [new DamageRectangle { Width = Configuration.Width, Height = Configuration.Height }];
        WaitUntil(() => _wire.IsBufferFree(Scanout, buffer), "a free buffer");
        WaitFor(
            () => _wire.SendFrame(new Frame { Scanout = Scanout, Generation = _generation, Buffer = buffer, Sequence = ++_sequence }, parts), "frame");
    }

    /// <summary>Sends a buffer and waits for its answer.</summary>
    public void Show(uint buffer = 0, params DamageRectangle[] damage)
    {
        Send(buffer, damage);
        ulong sequence = _sequence;
        WaitUntil(() => _done.Exists(item => item.Sequence == sequence), "frame done");
    }

    public void Disable() => WaitFor(() => _wire.DisableScanout(0), "scanout disable");

    /// <summary>Sends a cursor; the pixels are words of the format.</summary>
    public void Cursor(int width, int height, int hotX, int hotY, uint[] pixels, DrmFourcc format = DrmFourcc.DRM_FORMAT_ARGB8888)
    {
        using MemFd memory = MemFd.Create("test-cursor", pixels.Length * 4, Seals.F_SEAL_SHRINK);
        using (SharedMapping mapping = SharedMapping.Create(memory, 0, (nuint)memory.Size))
        {
            pixels.CopyTo(MemoryMarshal.Cast<byte, uint>(mapping.Slice(0, pixels.Length * 4)));
        }

        var image = new CursorImage
        {
            Width = (uint)width,
            Height = (uint)height,
            HotX = (uint)hotX,
            HotY = (uint)hotY,
            Format = format,
            Stride = (uint)width * 4,
        };
        WaitFor(() => _wire.SendCursorImage(in image, memory), "cursor image");
    }

    public void MoveCursor(int x, int y) => WaitFor(() => _wire.MoveCursor(new CursorPosition { X = x, Y = y }), "cursor move");

    public void HideCursor() => WaitFor(() => _wire.HideCursor(0), "cursor hide");

    /// <summary>Sends a message that only the other side may send.</summary>
    public void SendNonsense()
    {
        Span<byte> message = stackalloc byte[40];
        message[0] = (byte)DisplayMessageType.OutputInfo;
        message[4] = (byte)message.Length;
        _ = _raw.Send(message, [], out _);
    }

    public void Pump(int milliseconds)
    {
        long end = Environment.TickCount64 + milliseconds;
        for (long left = milliseconds; left > 0; left = end - Environment.TickCount64)
        {
            _ = _loop.RunOnce((int)left);
        }
    }

    public void WaitUntil(Func<bool> condition, string what)
    {
        long end = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            if (Environment.TickCount64 > end || IsClosed)
            {
                throw new TimeoutException($"no {what}; outputs {_outputs.Count}, done {_done.Count}, closed {IsClosed} {Violation}");
            }

            _ = _loop.RunOnce(50);
        }
    }

    public void OnReady(DisplayTransports transports) => _ready = true;

    public void OnOutputInfo(in OutputInfo info) => _outputs.Add(info);

    public void OnFrameDone(in FrameDone done) => _done.Add(done);

    public void OnWritable()
    {
    }

    public void OnClosed(WireError? violation)
    {
        IsClosed = true;
        Violation = violation;
    }

    public void Dispose()
    {
        _raw.Dispose();
        _wire.Dispose();
        _mapping?.Dispose();
        _loop.Dispose();
    }

    private void WaitFor(Func<SocketStatus> send, string what) => WaitUntil(() => send() == SocketStatus.Done, $"room for {what}");
}
