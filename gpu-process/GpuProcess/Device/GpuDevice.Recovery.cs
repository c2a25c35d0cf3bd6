using SplitVmm.GpuProcess.Recovery;

namespace SplitVmm.GpuProcess.Device;

/// <summary>Taking up what an earlier process left.</summary>
internal sealed partial class GpuDevice
{
    /// <summary>The first queue starts: features and memory are known. Its requests wait for the restoration.</summary>
    private void BeginRestoration()
    {
        if (!_mayRestore || _state.Journal is not { } journal)
        {
            return;
        }

        _mayRestore = false;
        if (journal.Log.Count == 0)
        {
            return;
        }

        _restoration = new Restoration(_state, journal, _commands, _cursorCommands, _log);
        _control.IsHeld = true;
        _cursor.IsHeld = true;
        _loop.Post(_restore);
    }

    private void Restore()
    {
        if (_restoration is not { } restoration)
        {
            return;
        }

        if (restoration.Step())
        {
            _loop.Post(_restore);
            return;
        }

        _settledAt = Statistics.Commands + SettledCommands;
        _settleTimer.Arm(s_settledTime, TimeSpan.Zero);
        Statistics.Restorations++;
        EndRestoration();
        _commands.Blobs.MapRestored();
        _control.Drain();
        _cursor.Drain();
    }

    private void EndRestoration()
    {
        _restoration = null;
        _control.IsHeld = false;
        _cursor.IsHeld = false;
    }

    private void OnSettleTimer()
    {
        _ = _settleTimer.TryDrain(out _);
        Settle();
    }

    private void Settle()
    {
        _settledAt = long.MaxValue;
        _settleTimer.Disarm();
        _state.Journal!.Attempts = 0;
    }
}
