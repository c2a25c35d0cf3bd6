using SplitVmm.GpuProcess.Device;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Software;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.BackEnd;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>The device of gpu-process with its back end, on an event loop of its own thread.</summary>
internal sealed class InProcessGpu : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly Thread _thread;
    private readonly VhostUserBackEnd _backEnd;

    private readonly GpuJournal? _journal;
    private bool _killed;

    /// <param name="journal">The memory of the journal, which stays the caller's.</param>
    /// <param name="makeRenderer">Makes a renderer that needs the device's loop, instead of <paramref name="renderer"/>.</param>
    public InProcessGpu(
        GpuOptions? options = null, IRenderer? renderer = null, RetiredFences? retired = null, Descriptor? journal = null,
        Func<EventLoop, IRenderer>? makeRenderer = null)
    {
        renderer ??= makeRenderer?.Invoke(_loop);
        if (journal is not null)
        {
            Assert.Null(GpuJournal.TryOpen(journal, Log.Enqueue, out _journal));
        }

        Device = new GpuDevice(
            _loop, renderer ?? new SoftwareRenderer(), retired, options ?? new GpuOptions(), Log.Enqueue, _journal);
        _backEnd = new VhostUserBackEnd(_loop, Device, Log.Enqueue);
        Device.Window.Mapper = _backEnd;
        Device.ConfigChanged += _backEnd.NotifyConfigChanged;
        _thread = new Thread(() =>
        {
            try
            {
                _loop.Run();
            }
            catch (Exception error)
            {
                // Nothing that a guest does may end the loop, but some tests end it: they look at this.
                Failure = error;
            }
        })
        { Name = "gpu" };
        _thread.Start();
    }

    public GpuDevice Device { get; }

    public System.Collections.Concurrent.ConcurrentQueue<string> Log { get; } = new();

    /// <summary>What ended the loop, which only <see cref="Dispose"/> should.</summary>
    public Exception? Failure { get; private set; }

    public GpuGuest Connect(int memoryBytes = 64 << 20, bool keepsInflight = false) => new(Connection(), memoryBytes, keepsInflight);

    /// <summary>Connects a guest whose former back end is dead.</summary>
    public void Reconnect(GpuGuest guest, TimeSpan? patience = null) => guest.Reconnect(Connection(), patience);

    /// <summary>
    /// Ends the loop without any of what an orderly end does, as a signal would: the journal, the in-flight table and
    /// guest memory are left as they are.
    /// </summary>
    public void Kill()
    {
        _killed = true;
        _loop.Stop();
        _thread.Join();
    }

    public TestDisplay ConnectDisplay() => ConnectDisplay(ours => new TestDisplay(ours));

    public TestDisplay ConnectDisplay(Func<UnixSocket, TestDisplay> make)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateSeqPacketPair();
        TestDisplay display = make(ours);
        Invoke(() => Device.Display.Attach(theirs));
        return display;
    }

    /// <summary>Runs something on the loop's thread and waits for it.</summary>
    public void Invoke(Action action) => _loop.Invoke(action);

    public void Dispose()
    {
        if (_killed)
        {
            return;
        }

        if (Failure is null)
        {
            Invoke(() =>
            {
                _backEnd.Dispose();
                Device.Dispose();
            });
        }

        _loop.Stop();
        _thread.Join();
        _loop.Dispose();
        _journal?.Dispose();
        if (Failure is not null)
        {
            throw new InvalidOperationException("the device's loop has failed", Failure);
        }
    }

    private UnixSocket Connection()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        Invoke(() => _backEnd.Serve(theirs));
        return ours;
    }
}
