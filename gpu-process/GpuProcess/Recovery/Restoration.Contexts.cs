using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Recovery;

/// <summary>Contexts and their state.</summary>
internal sealed partial class Restoration
{
    private bool RestoreContext(uint id, in ContextRecord record)
    {
        bool made = _commands.Contexts?.Restore(id, record) == VIRTIO_GPU_RESP_OK_NODATA;
        if (made && _givesUpContexts)
        {
            _ = LoseContext(id);
        }

        return made;
    }

    /// <summary>Loses it when no entry is being looked at: that takes others out of the journal.</summary>
    private bool NoteLostContext(uint id)
    {
        _lost.Add(id);
        return _state.Contexts.ContainsKey(id);
    }

    private bool LoseContext(uint id)
    {
        if (!_state.Contexts.TryGetValue(id, out GpuContext? context))
        {
            return false;
        }

        context.IsLost = true;
        _journal.ContextLost(context);
        return true;
    }

    private bool AdoptCommand(in JournalKey key, ReadOnlySpan<byte> value)
    {
        if (!_state.Contexts.TryGetValue(key.Owner, out GpuContext? context) || context.IsLost
            || !context.Recorder!.TryAdopt(key, value))
        {
            return false;
        }

        ref List<JournalKey>? keys = ref CollectionsMarshal.GetValueRefOrAddDefault(_commandKeys, context, out _);
        (keys ??= []).Add(key);
        return true;
    }

    private void PlanReplays()
    {
        foreach (uint id in _lost)
        {
            _ = LoseContext(id);
        }

        _lost.Clear();
        foreach ((GpuContext context, List<JournalKey> keys) in _commandKeys)
        {
            if (!context.IsLost)
            {
                context.Recorder!.Adopted();
                _replays.Enqueue((context, new ReplayPlan(_journal.Log, context, keys)));
            }
        }

        _commandKeys.Clear();
    }

    /// <summary>Gives the renderer the next piece of a context's state.</summary>
    /// <returns>False if there is no more to do.</returns>
    private bool Replay(GpuContext context, ReplayPlan plan)
    {
        if (!plan.TryNext(out ReadOnlySpan<uint> piece))
        {
            return false;
        }

        if (_culprit.Kind == JournalKind.Command && _culprit.Owner == context.Id)
        {
            _log($"context {context.Id} is lost: processes died of its state");
            _ = LoseContext(context.Id);
            return false;
        }

        _journal.BeginPoint(JournalKind.Command, context.Id, ++_piece);
        VirtioGpuCtrlType result = _commands.Contexts!.Submit(context, piece);
        _journal.EndPoint();
        if (result != VIRTIO_GPU_RESP_OK_NODATA)
        {
            _log($"context {context.Id} is lost: the renderer refuses command {piece[0] & 0xFF} (object {(piece[0] >> 8) & 0xFF}) of its state");
            _ = LoseContext(context.Id);
            return false;
        }

        return true;
    }

    private bool RestoreAttachment(uint id, ulong resourceId)
    {
        if (resourceId > uint.MaxValue || !_state.Contexts.TryGetValue(id, out GpuContext? context)
            || !_state.Resources.TryGet((uint)resourceId, out GpuResource? resource))
        {
            return false;
        }

        _commands.Contexts!.Attach(context, resource);
        return true;
    }
}
