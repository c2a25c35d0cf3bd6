using SplitVmm.GpuProcess.Cursors;
using SplitVmm.GpuProcess.Outputs;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>
/// The device's end of the display wire. A display may come, go and come again: each one is sent all scanouts
/// and cursors once it has said hello, so that a new window shows the last picture.
/// </summary>
internal sealed class DisplayLink : IDisplayWireSourceHandler, IDisposable
{
    private readonly EventLoop _loop;
    private readonly ScanoutPresenter _presenter;
    private readonly DmaBufPresenter _dmaBufs;
    private readonly FlipWait _flips;
    private readonly ScanoutSet _scanouts;
    private readonly CursorPresenter _cursors;
    private readonly OutputTable _outputs;
    private readonly Action _outputsChanged;
    private readonly Action<string> _log;
    private DisplayWireSource? _wire;

    /// <param name="outputsChanged">Called when the guest has to look at its monitors again.</param>
    public DisplayLink(
        EventLoop loop, ScanoutPresenter presenter, DmaBufPresenter dmaBufs, FlipWait flips, ScanoutSet scanouts, CursorPresenter cursors, OutputTable outputs,
        Action outputsChanged, Action<string> log)
    {
        _loop = loop;
        _presenter = presenter;
        _dmaBufs = dmaBufs;
        _flips = flips;
        _scanouts = scanouts;
        _cursors = cursors;
        _outputs = outputs;
        _outputsChanged = outputsChanged;
        _log = log;
    }

    /// <summary>Raised when the display has gone; its last word is null for a plain end.</summary>
    public event Action<WireError?>? Closed;

    /// <summary>Takes a new display, in the place of the old one.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public void Attach(UnixSocket socket)
    {
        Detach();
        _wire = new DisplayWireSource(
            _loop, socket, this, DisplayTransports.MemFd | DisplayTransports.DmaBuf | DisplayTransports.Mapped);
    }

    public void Dispose() => Detach();

    void IDisplayWireSourceHandler.OnReady(DisplayTransports transports)
    {
        _presenter.Wire = _wire;
        _dmaBufs.Transports = transports;
        _cursors.Wire = _wire;
        _scanouts.PresentAll();
        _cursors.Present();
    }

    void IDisplayWireSourceHandler.OnOutputInfo(in OutputInfo info)
    {
        if (_outputs.Update(info))
        {
            _outputsChanged();
        }
    }

    void IDisplayWireSourceHandler.OnFrameDone(in FrameDone done)
    {
        _scanouts.PresentOne(done.Scanout);
        _flips.Shown(done.Scanout, done.Sequence);
    }

    void IDisplayWireSourceHandler.OnBufferRefused(uint scanout) => _scanouts.RefuseDmaBufs(scanout);

    void IDisplayWireSourceHandler.OnWritable()
    {
        _scanouts.PresentAll();
        _cursors.Present();
    }

    void IDisplayWireSourceHandler.OnClosed(WireError? error)
    {
        if (error is not null)
        {
            _log($"the display broke the protocol and was cut off: {error}");
        }

        Detach();
        Closed?.Invoke(error);
    }

    private void Detach()
    {
        _wire?.Dispose();
        _wire = null;
        _presenter.Wire = null;
        _dmaBufs.Transports = DisplayTransports.None;
        _cursors.Wire = null;
        _scanouts.ForgetDisplay();
        _cursors.ForgetDisplay();
        _flips.EndAll();
    }
}
