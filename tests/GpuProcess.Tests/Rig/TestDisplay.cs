using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Memory;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>
/// A display that keeps what each scanout shows, by applying only the damage of each frame: a frame whose damage
/// is too small leaves old pixels.
/// </summary>
internal sealed class TestDisplay : IDisplayWireSinkHandler, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly DisplayWireSink _sink;

    public TestDisplay(UnixSocket socket) => _sink = new DisplayWireSink(_loop, socket, this);

    /// <summary>A display that takes dma-bufs of these formats.</summary>
    /// <param name="hasDmaBufs">False: memfds stand for them, and what those say of their size counts.</param>
    public TestDisplay(UnixSocket socket, DisplayTransports transports, PictureFormat[] formats, bool hasDmaBufs = false) =>
        _sink = hasDmaBufs
            ? new DisplayWireSink(_loop, socket, this, transports, formats)
            : new DisplayWireSink(_loop, socket, this, transports, formats)
            {
                DmaBufSize = file => MemFd.TryGetSize(file, out long size) ? (ulong)size : null,
            };

    /// <summary>What happened with dma-bufs, one word each.</summary>
    public List<string> DmaBufs { get; } = [];

    /// <summary>Whether buffers are refused.</summary>
    public bool RefusesBuffers { get; set; }

    private uint _dmaBufScanouts;

    public Picture?[] Pictures { get; } = new Picture?[DisplayProtocol.MaxScanouts];

    public CursorState[] Cursors { get; } = [.. Enumerable.Range(0, DisplayProtocol.MaxScanouts).Select(_ => new CursorState())];

    /// <summary>Frames that wait for <see cref="CompleteAll"/>, while <see cref="Hold"/> is set.</summary>
    public Queue<Frame> Held { get; } = new();

    public bool Hold { get; set; }

    public int Frames { get; private set; }

    public int ScanoutSets { get; private set; }

    public bool IsReady { get; private set; }

    public bool IsClosed { get; private set; }

    public WireError? Violation { get; private set; }

    public List<DamageRectangle[]> Damage { get; } = [];

    public void SetOutput(uint scanout, uint width, uint height, bool enabled = true) => _sink.SetOutput(new OutputInfo
    {
        Scanout = scanout,
        Enabled = enabled ? 1u : 0,
        Width = enabled ? width : 0,
        Height = enabled ? height : 0,
        RefreshMillihertz = enabled ? 60_000u : 0,
        Scale120 = enabled ? 120u : 0,
    });

    public void CompleteAll()
    {
        while (Held.TryDequeue(out Frame frame))
        {
            _sink.CompleteFrame(frame);
        }
    }

    /// <summary>Dispatches until the condition holds; false after a while.</summary>
    public bool RunUntil(Func<bool> condition, int milliseconds = 30_000)
    {
        long end = Environment.TickCount64 + milliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                return false;
            }

            _ = _loop.RunOnce(20);
        }

        return true;
    }

    /// <summary>Dispatches until nothing has come for a while.</summary>
    public void Settle(int milliseconds = 100)
    {
        while (_loop.RunOnce(milliseconds) > 0)
        {
        }
    }

    public void OnReady(DisplayTransports transports) => IsReady = true;

    public void OnScanoutSet(in ScanoutConfiguration configuration, Descriptor memory)
    {
        ScanoutSets++;
        _dmaBufScanouts &= ~(1u << (int)configuration.Scanout);
        Pictures[configuration.Scanout]?.Dispose();
        Pictures[configuration.Scanout] = new Picture(configuration, memory);
    }

    public void OnDmaBufScanoutSet(in DmaBufConfiguration configuration)
    {
        _dmaBufScanouts |= 1u << (int)configuration.Scanout;
        string layout = configuration.Modifier == 0 ? "" : $" 0x{configuration.Modifier:x} in {configuration.PlaneCount}";
        DmaBufs.Add($"{configuration.Width}x{configuration.Height}{layout}");
    }

    public bool OnBufferSet(in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes)
    {
        DmaBufs.Add($"buffer {buffer.Buffer}+{buffer.Planes[0].Offset}");
        return !RefusesBuffers;
    }

    public void OnBufferForgotten(uint scanout, uint buffer) => DmaBufs.Add($"forget {buffer}");

    public void OnScanoutDisabled(uint scanout)
    {
        Pictures[scanout]?.Dispose();
        Pictures[scanout] = null;
    }

    public void OnFrame(in Frame frame, ReadOnlySpan<DamageRectangle> damage)
    {
        Frames++;
        Damage.Add(damage.ToArray());
        if ((_dmaBufScanouts & (1u << (int)frame.Scanout)) != 0)
        {
            DmaBufs.Add($"frame {frame.Buffer}");
        }
        else
        {
            Pictures[frame.Scanout]!.Apply(frame, damage);
        }

        if (Hold)
        {
            Held.Enqueue(frame);
        }
        else
        {
            _sink.CompleteFrame(frame);
        }
    }

    public void OnCursorImage(in CursorImage image, Descriptor memory)
    {
        using (memory)
        {
            using var mapping = SharedMapping.Create(memory, 0, image.Stride * image.Height, writable: false);
            Cursors[image.Scanout].Image = image;
            Cursors[image.Scanout].Pixels = mapping.Slice(0, (int)(image.Stride * image.Height)).ToArray();
            Cursors[image.Scanout].IsVisible = true;
        }
    }

    public void OnCursorMoved(in CursorPosition position) => Cursors[position.Scanout].Position = position;

    public void OnCursorHidden(uint scanout) => Cursors[scanout].IsVisible = false;

    public void OnClosed(WireError? error)
    {
        IsClosed = true;
        Violation = error;
    }

    public void Dispose()
    {
        _sink.Dispose();
        foreach (Picture? picture in Pictures)
        {
            picture?.Dispose();
        }

        _loop.Dispose();
    }

    internal sealed class CursorState
    {
        public CursorImage Image { get; set; }

        public byte[] Pixels { get; set; } = [];

        public CursorPosition Position { get; set; }

        public bool IsVisible { get; set; }
    }

    /// <summary>What one scanout shows.</summary>
    internal sealed class Picture : IDisposable
    {
        private readonly SharedMapping _mapping;
        private bool _hasFrame;

        public Picture(in ScanoutConfiguration configuration, Descriptor memory)
        {
            Configuration = configuration;
            _mapping = SharedMapping.Create(
                memory, 0, (nuint)(configuration.BufferOffset + (configuration.BufferCount * configuration.BufferSize)), writable: false);
            memory.Dispose();
            Pixels = new uint[configuration.Width * configuration.Height];
        }

        public ScanoutConfiguration Configuration { get; }

        /// <summary>Rows without gaps, top row first, as words of the format.</summary>
        public uint[] Pixels { get; }

        /// <summary>The colours of a word of this picture's format.</summary>
        public (byte Red, byte Green, byte Blue) ToRgb(uint pixel)
        {
            byte first = (byte)pixel;
            byte second = (byte)(pixel >> 8);
            byte third = (byte)(pixel >> 16);
            byte fourth = (byte)(pixel >> 24);
            return Configuration.Format switch
            {
                DrmFourcc.DRM_FORMAT_XRGB8888 or DrmFourcc.DRM_FORMAT_ARGB8888 => (third, second, first),
                DrmFourcc.DRM_FORMAT_XBGR8888 or DrmFourcc.DRM_FORMAT_ABGR8888 => (first, second, third),
                DrmFourcc.DRM_FORMAT_BGRX8888 or DrmFourcc.DRM_FORMAT_BGRA8888 => (second, third, fourth),
                DrmFourcc.DRM_FORMAT_RGBX8888 or DrmFourcc.DRM_FORMAT_RGBA8888 => (fourth, third, second),
                _ => throw new InvalidOperationException($"format {Configuration.Format}"),
            };
        }

        public uint this[uint x, uint y] => Pixels[(y * Configuration.Width) + x];

        public void Apply(in Frame frame, ReadOnlySpan<DamageRectangle> damage)
        {
            ReadOnlySpan<DamageRectangle> all =
                [new DamageRectangle { Width = Configuration.Width, Height = Configuration.Height }];
            // "The first one of a generation is to be taken as a whole, whatever its damage."
            foreach (DamageRectangle area in _hasFrame ? damage : all)
            {
                for (uint y = area.Y; y < area.Y + area.Height; y++)
                {
                    ulong offset = Configuration.BufferOffset + (frame.Buffer * Configuration.BufferSize)
                        + ((ulong)y * Configuration.Stride) + (area.X * 4);
                    MemoryMarshal.Cast<byte, uint>(_mapping.Slice((nuint)offset, (int)area.Width * 4))
                        .CopyTo(Pixels.AsSpan((int)((y * Configuration.Width) + area.X)));
                }
            }

            _hasFrame = true;
        }

        public void Dispose() => _mapping.Dispose();
    }
}
