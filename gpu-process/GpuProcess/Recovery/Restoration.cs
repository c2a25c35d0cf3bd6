using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Commands;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Recovery;

/// <summary>
/// Makes again what the journal of an earlier process says, by the same methods and with the same checks as for
/// requests of the guest: the journal is no more to be trusted than they. What cannot be made is taken out of the
/// journal and is then unknown, as the guest learns when it names it. It works in slices, so that the vhost-user
/// connection is served meanwhile; the guest's requests wait.
/// </summary>
internal sealed partial class Restoration
{
    /// <summary>What so many processes in a row died of while they made it is not tried again.</summary>
    private const uint DeathsOfOneThing = 3;

    /// <summary>When so many in a row died right after they had restored all, the contexts are given up.</summary>
    private const uint AttemptsWithContexts = 4;

    /// <summary>After so many, everything is.</summary>
    private const uint AttemptsAtAll = 6;

    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(10);

    private readonly GpuState _state;
    private readonly GpuJournal _journal;
    private readonly ControlCommands _commands;
    private readonly CursorCommands _cursors;
    private readonly Action<string> _log;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly bool _givesUpContexts;
    private readonly JournalMemory.RestorationPoint _culprit;
    private readonly JournalKind[] _order =
    [
        JournalKind.Resource, JournalKind.Blob, JournalKind.Page, JournalKind.Backing, JournalKind.Uuid, JournalKind.Uploads, JournalKind.Tile, JournalKind.Context,
        JournalKind.Attachment, JournalKind.Command, JournalKind.LostContext, JournalKind.Scanout,
        JournalKind.BlobScanout,
    ];

    private readonly Dictionary<GpuContext, List<JournalKey>> _commandKeys = [];
    private readonly List<uint> _lost = [];
    private readonly Queue<(GpuContext Context, ReplayPlan Plan)> _replays = new();
    private uint _piece;
    private int _phase;
    private int _entry;

    /// <param name="journal">Paused until the restoration is over.</param>
    public Restoration(GpuState state, GpuJournal journal, ControlCommands commands, CursorCommands cursors, Action<string> log)
    {
        _state = state;
        _journal = journal;
        _commands = commands;
        _cursors = cursors;
        _log = log;
        uint attempts = journal.Attempts;
        _culprit = journal.TakeCulprit(DeathsOfOneThing);
        _givesUpContexts = attempts >= AttemptsWithContexts;
        if (attempts >= AttemptsAtAll)
        {
            log($"{attempts} processes in a row ended after they had restored the guest's graphics: this one does not try");
            journal.Clear();
        }

        journal.Pause(true);
        _entry = journal.Log.First;
    }

    /// <summary>What the journal knew and could not be made.</summary>
    public int Failures { get; private set; }

    /// <summary>Does a part of the work.</summary>
    /// <returns>False: that was the last one.</returns>
    public bool Step()
    {
        long end = Stopwatch.GetTimestamp() + (long)(s_slice.TotalSeconds * Stopwatch.Frequency);
        while (_phase < _order.Length)
        {
            while (_entry >= 0)
            {
                int entry = _entry;
                _entry = _journal.Log.Next(entry);
                if (_journal.Log.Key(entry).Kind == _order[_phase])
                {
                    Restore(entry);
                    if (Stopwatch.GetTimestamp() > end)
                    {
                        return true;
                    }
                }
            }

            _phase++;
            _entry = _journal.Log.First;
        }

        PlanReplays();
        while (_replays.TryPeek(out (GpuContext Context, ReplayPlan Plan) replay))
        {
            if (replay.Context.IsLost || !Replay(replay.Context, replay.Plan))
            {
                _ = _replays.Dequeue();
            }

            if (Stopwatch.GetTimestamp() > end)
            {
                return true;
            }
        }

        Finish();
        return false;
    }

    private void Finish()
    {
        RestoreCursors();
        _journal.Log.Commit();
        _journal.Restored();
        _journal.Pause(false);
        _state.Scanouts.PresentAll();
        _state.Cursors.Present();
        int lost = _state.Contexts.Values.Count(static context => context.IsLost);
        _log($"restored {_state.Resources.Count} resources and {_state.Contexts.Count - lost} contexts of the guest in "
            + $"{Stopwatch.GetElapsedTime(_start).TotalMilliseconds:F0} ms; {lost} contexts are lost, {Failures} other things too");
    }

    private void Restore(int entry)
    {
        JournalKey key = _journal.Log.Key(entry);
        ReadOnlySpan<byte> value = _journal.Log.Value(entry);
        _journal.BeginPoint(key.Kind, key.Owner, (uint)key.Index);
        bool done = !IsCulprit(key.Kind, key.Owner, (uint)key.Index) && key.Kind switch
        {
            JournalKind.Resource => TryRead(value, out ResourceRecord record) && RestoreResource(key.Owner, record),
            JournalKind.Blob => RestoreBlob(key.Owner, value),
            JournalKind.Page => TryRead(value, out PageRecord record) && RestorePage(key.Owner, record),
            JournalKind.Backing => RestoreBacking(key.Owner, value),
            JournalKind.Uuid => RestoreUuid(key.Owner, value),
            JournalKind.Context => TryRead(value, out ContextRecord record) && RestoreContext(key.Owner, record),
            JournalKind.LostContext => NoteLostContext(key.Owner),
            JournalKind.Uploads => RestoreContents(key.Owner, value),
            JournalKind.Tile => RestoreTile(key, value),
            JournalKind.Command => AdoptCommand(key, value),
            JournalKind.Attachment => RestoreAttachment(key.Owner, key.Index),
            JournalKind.Scanout => TryRead(value, out ScanoutRecord record) && RestoreScanout(key.Owner, record),
            JournalKind.BlobScanout => TryRead(value, out BlobScanoutRecord record) && RestoreBlobScanout(key.Owner, record),
            _ => false,
        };
        _journal.EndPoint();
        if (!done)
        {
            _journal.Log.Remove(key);
            Failures++;
        }
    }

    private bool IsCulprit(JournalKind kind, uint owner, uint number) =>
        _culprit.Is(new JournalMemory.RestorationPoint { Kind = kind, Owner = owner, Number = number });

    private static bool TryRead<T>(ReadOnlySpan<byte> value, out T record)
        where T : unmanaged
    {
        bool whole = value.Length == Unsafe.SizeOf<T>();
        record = whole ? MemoryMarshal.Read<T>(value) : default;
        return whole;
    }
}
