using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.DisplayProcess.Viewers.Messages;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>
/// Somebody else's program that shows one head. It is told of nothing new before it has answered what it was told: meanwhile
/// damage comes together, so that a slow viewer misses pictures and holds up nobody.
/// </summary>
internal sealed class Viewer : IViewerPeer, IDisposable
{
    private readonly ViewerConnection _connection;
    private readonly ListenerCalls _calls;
    private readonly Head _head;
    private readonly HeadMemory _memory;
    private readonly Action<Viewer, string?> _ended;
    private readonly DamageList _damage = new();
    private readonly Dictionary<uint, PictureWay> _unanswered = [];
    private ViewerAbilities _abilities;
    private PictureWay _way;
    private object? _shown;
    private (int Width, int Height) _shownSize;
    private uint _question;
    private bool _knowsAbilities;
    private bool _cursorChanged;
    private bool _cursorMoved;

    /// <param name="socket">A connected stream socket; owned from here on.</param>
    /// <param name="memory">Of the head; shared with its other viewers.</param>
    /// <param name="ended">Its end, with a line for the user where the viewer did wrong.</param>
    public Viewer(EventLoop loop, UnixSocket socket, Head head, HeadMemory memory, Action<Viewer, string?> ended)
    {
        _head = head;
        _memory = memory;
        _ended = ended;
        _cursorChanged = _cursorMoved = head.Cursor is not null;
        _connection = new ViewerConnection(loop, socket, this);
        _calls = new ListenerCalls(_connection);
    }

    public Head Head => _head;

    /// <summary>Looks at the memory that is shared with others.</summary>
    public bool UsesMemory => _way == PictureWay.Map;

    /// <summary>The head has a new picture.</summary>
    /// <param name="damage">What differs from the one before.</param>
    public void OnPicture(ReadOnlySpan<DamageRectangle> damage)
    {
        _damage.Add(damage);
        Tell();
    }

    /// <summary>The head has no picture any more.</summary>
    public void OnBlank() => Tell();

    public void OnCursorChanged()
    {
        _cursorChanged = _cursorMoved = true;
        Tell();
    }

    public void OnCursorMoved()
    {
        _cursorMoved = true;
        Tell();
    }

    public void OnBegun()
    {
        _question = _calls.GetInterfaces();
        _connection.Flush();
    }

    public void OnAnswer(in ReceivedMessage message)
    {
        if (message.ReplySerial == _question && !_knowsAbilities)
        {
            _abilities = ViewerAbilities.From(in message);
            _knowsAbilities = true;
        }
        else if (_unanswered.Remove(message.ReplySerial, out PictureWay way) && message.Type == MessageType.ERROR && way == _way)
        {
            _abilities.Forget(way);
            // What it has on its screen nobody knows now; pixels in messages are not tried twice.
            _shown = way is PictureWay.Inline or PictureWay.None ? _shown : null;
        }

        Tell();
    }

    public void OnDrained() => Tell();

    public void OnEnded(string? reason) => _ended(this, reason);

    public void Dispose() => _connection.Dispose();

    private void Tell()
    {
        if (!_knowsAbilities || _unanswered.Count > 0 || !_connection.IsDrained)
        {
            return;
        }

        try
        {
            TellPicture();
            TellCursor();
            _connection.Flush();
        }
        catch (ErrnoException error)
        {
            Dispose();
            _ended(this, error.Message);
        }
    }

    private void TellPicture()
    {
        if (_head.Canvas is not { } canvas)
        {
            _damage.Clear();
            if (_way != PictureWay.None)
            {
                Await(_calls.Disable(), PictureWay.None);
                (_way, _shown) = (PictureWay.None, null);
            }

            return;
        }

        if (_shown is not null && _damage.IsEmpty)
        {
            return;
        }

        (PictureWay way, object? source) = Choose(canvas);
        bool isAnew = way != _way || source != _shown || _shownSize != (canvas.Width, canvas.Height);
        (_way, _shown, _shownSize) = (way, source, (canvas.Width, canvas.Height));
        if (isAnew)
        {
            _damage.SetAll(canvas.Width, canvas.Height);
            TellScanout(canvas);
        }
        else
        {
            TellDamage(canvas);
        }

        _damage.Clear();
    }

    /// <summary>The best way that the viewer takes, and the object that stays the same as long as updates are enough.</summary>
    private (PictureWay Way, object? Source) Choose(Canvas canvas)
    {
        DmaBufImage? image = _head.Shared?.Image;
        if (image is not null && _abilities.HasDmaBuf2)
        {
            return (PictureWay.DmaBuf2, image);
        }

        if (image is { IsSimple: true } && _abilities.HasDmaBuf)
        {
            return (PictureWay.DmaBuf, image);
        }

        return _abilities.HasMap && _memory.BringUpToDate() is { } shared ? (PictureWay.Map, shared) : (PictureWay.Inline, canvas);
    }

    private void TellScanout(Canvas canvas)
    {
        switch (_way)
        {
            case PictureWay.DmaBuf2 or PictureWay.DmaBuf:
                var image = (DmaBufImage)_shown!;
                Await(_way == PictureWay.DmaBuf ? _calls.ScanoutDmaBuf(image) : _calls.ScanoutDmaBuf2(image), _way);
                // Viewers look at a dma-buf when they are told that it has changed.
                TellDamage(canvas);
                break;
            case PictureWay.Map:
                Await(_calls.ScanoutMap((SharedPicture)_shown!), _way);
                break;
            default:
                if (ListenerCalls.FitsInline(canvas))
                {
                    Await(_calls.Scanout(canvas), _way);
                }

                break;
        }
    }

    private void TellDamage(Canvas canvas)
    {
        if (_way == PictureWay.Inline && !ListenerCalls.FitsInline(canvas))
        {
            return;
        }

        foreach (ref readonly DamageRectangle part in _damage.Rectangles)
        {
            Await(
                _way switch
                {
                    PictureWay.Map => _calls.UpdateMap(in part),
                    PictureWay.Inline => _calls.Update(canvas, in part),
                    _ => _calls.UpdateDmaBuf(in part),
                },
                _way);
        }
    }

    private void TellCursor()
    {
        if (_cursorChanged && _head.Cursor is { } cursor)
        {
            Await(_calls.CursorDefine(cursor, _head.HotSpot.X, _head.HotSpot.Y), PictureWay.None);
        }

        if (_cursorMoved)
        {
            Await(_calls.MouseSet(_head.CursorPosition.X, _head.CursorPosition.Y, _head.Cursor is not null), PictureWay.None);
        }

        _cursorChanged = _cursorMoved = false;
    }

    private void Await(uint serial, PictureWay way) => _unanswered[serial] = way;
}
