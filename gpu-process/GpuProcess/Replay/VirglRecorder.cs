using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Replay.VirglCommandCode;

namespace SplitVmm.GpuProcess.Replay;

/// <summary>
/// Follows the command stream of one context and keeps in the journal what a new process needs to go on with it: the
/// objects that live, and the last of each command that sets something. It reads what the renderer has accepted, and
/// makes nothing of what it does not understand. In a steady state it allocates nothing.
/// </summary>
/// <param name="uploads">Told of each upload from guest memory that the stream makes.</param>
/// <param name="limit">Bytes of the journal that the context may take.</param>
internal sealed class VirglRecorder(JournalLog log, GpuContext context, IUploadSink uploads, long limit)
{
    // Keys that the journal has, by sub-context; 0 exists from the beginning.
    private readonly Dictionary<uint, HashSet<JournalKey>> _subs = new() { [0] = [] };

    // For each thing that the present stream sets, where it last did: the journal gets only that.
    private readonly Dictionary<JournalKey, (int Offset, int Length)> _last = [];
    private uint _sub;
    private uint _notedSub;
    private long _bytes;

    /// <summary>The context has outgrown its limit, or did what cannot be repeated: nothing is kept of it any more.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Bytes of the journal.</summary>
    public long Bytes => _bytes;

    /// <summary>Follows a stream that the renderer has carried out.</summary>
    public void Record(ReadOnlySpan<uint> stream)
    {
        if (IsLost)
        {
            // Uploads belong to resources, which other contexts may share.
            FollowUploads(stream);
            return;
        }

        ReadOnlySpan<uint> rest = stream;
        while (!IsLost && VirglCommand.TryTake(ref rest, out VirglCommand command))
        {
            Follow(command, stream, stream.Length - rest.Length - command.Words.Length);
        }

        Flush(stream);
        FollowUploads(rest);
    }

    /// <summary>Takes over an entry that an earlier process wrote, if it is one that could have been written.</summary>
    public bool TryAdopt(in JournalKey key, ReadOnlySpan<byte> value)
    {
        VirglItem item = VirglItem.Of(key);
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(value);
        if (value.Length % sizeof(uint) != 0 || !VirglCommand.TryTake(ref words, out VirglCommand command) || !words.IsEmpty
            || !VirglItem.TryOf(command, item.Part, out VirglItem said) || said != item
            || (item.Class == VirglItemClass.Object && VirglItem.IsContinuation(command) != item.Part > 0))
        {
            return false;
        }

        uint sub = VirglItem.SubContextOf(key);
        if (item.Class == VirglItemClass.CurrentSubContext)
        {
            _sub = command[1];
            _notedSub = _sub;
        }
        else if (item.Class == VirglItemClass.SubContext && command[1] != sub)
        {
            return false;
        }

        Account(key, value.Length);
        return true;
    }

    /// <summary>After the last <see cref="TryAdopt"/>: entries of a sub-context that is not there are of no use.</summary>
    public void Adopted()
    {
        if (!IsKnown(_sub))
        {
            _sub = 0;
        }
    }

    /// <summary>Keeps nothing of this context any more, and notes that.</summary>
    public void Lose()
    {
        if (!IsLost)
        {
            Forget();
            IsLost = true;
            _ = log.TryPut(new JournalKey(JournalKind.LostContext, context.Id), []);
        }
    }

    /// <summary>Takes all entries out of the journal: the context is gone.</summary>
    public void Forget()
    {
        foreach (HashSet<JournalKey> keys in _subs.Values)
        {
            foreach (JournalKey key in keys)
            {
                log.Remove(key);
            }

            keys.Clear();
        }

        _last.Clear();
        _bytes = 0;
    }

    private void Follow(in VirglCommand command, ReadOnlySpan<uint> stream, int offset)
    {
        switch (command.Code)
        {
            case VIRGL_CCMD_CREATE_SUB_CTX:
                CreateSub(command);
                break;
            case VIRGL_CCMD_DESTROY_SUB_CTX:
                DestroySub(command, stream);
                break;
            case VIRGL_CCMD_SET_SUB_CTX:
                // The renderer ignores one that does not exist.
                if (command.Length == 1 && IsKnown(command[1]))
                {
                    _sub = command[1];
                }

                break;
            case VIRGL_CCMD_CREATE_OBJECT:
                CreateObject(command);
                break;
            case VIRGL_CCMD_DESTROY_OBJECT:
                if (command.Length == 1)
                {
                    DestroyObject(command[1]);
                }

                break;
            case VIRGL_CCMD_TRANSFER3D or VIRGL_CCMD_COPY_TRANSFER3D or VIRGL_CCMD_RESOURCE_INLINE_WRITE:
                uploads.Upload(context, command);
                break;
            case VIRGL_CCMD_CREATE_VIDEO_CODEC:
                Lose();
                break;
            default:
                if (VirglItem.TryOf(command, 0, out VirglItem item))
                {
                    _last[item.ToKey(context.Id, _sub)] = (offset, command.Words.Length);
                }

                break;
        }
    }

    private void CreateSub(in VirglCommand command)
    {
        uint sub = command[1];
        if (command.Length != 1 || _subs.ContainsKey(sub))
        {
            return;
        }

        _subs.Add(sub, []);
        Put(new VirglItem(VirglItemClass.SubContext, 0).ToKey(context.Id, sub), command.Words);
        // A new one is the current one at once.
        _sub = sub;
    }

    private void DestroySub(in VirglCommand command, ReadOnlySpan<uint> stream)
    {
        uint sub = command[1];
        if (sub == 0 || command.Length != 1 || !_subs.TryGetValue(sub, out HashSet<JournalKey>? keys))
        {
            return;
        }

        Flush(stream);
        foreach (JournalKey key in keys)
        {
            _bytes -= SizeOf(key);
            log.Remove(key);
        }

        _ = _subs.Remove(sub);
        if (_sub == sub)
        {
            _sub = 0;
        }
    }

    private void CreateObject(in VirglCommand command)
    {
        int part = 0;
        if (VirglItem.IsContinuation(command))
        {
            do
            {
                part++;
            }
            while (VirglItem.TryOf(command, part, out VirglItem former) && log.Contains(former.ToKey(context.Id, _sub)));
        }
        else if (command[1] != 0)
        {
            // The renderer lets a new object of an old handle take its place.
            DestroyObject(command[1]);
        }

        if (VirglItem.TryOf(command, part, out VirglItem item))
        {
            Put(item.ToKey(context.Id, _sub), command.Words);
        }
    }

    private void DestroyObject(uint handle)
    {
        JournalKey query = new VirglItem(VirglItemClass.QueryState, handle).ToKey(context.Id, _sub);
        _ = _last.Remove(query);
        Remove(query);
        for (ushort part = 0; Remove(new VirglItem(VirglItemClass.Object, handle, part).ToKey(context.Id, _sub)); part++)
        {
        }
    }

    private void Flush(ReadOnlySpan<uint> stream)
    {
        if (_sub != _notedSub && !IsLost)
        {
            Span<uint> current = [VirglCommand.Header(VIRGL_CCMD_SET_SUB_CTX, 1), _sub];
            Put(new VirglItem(VirglItemClass.CurrentSubContext, 0).ToKey(context.Id, 0), current);
            _notedSub = _sub;
        }

        if (_last.Count == 0)
        {
            return;
        }

        foreach ((JournalKey key, (int offset, int length)) in _last)
        {
            if (IsLost)
            {
                break;
            }

            Put(key, stream.Slice(offset, length));
        }

        _last.Clear();
    }

    private void FollowUploads(ReadOnlySpan<uint> stream)
    {
        while (VirglCommand.TryTake(ref stream, out VirglCommand command))
        {
            if (command.Code is VIRGL_CCMD_TRANSFER3D or VIRGL_CCMD_COPY_TRANSFER3D or VIRGL_CCMD_RESOURCE_INLINE_WRITE)
            {
                uploads.Upload(context, command);
            }
        }
    }

    private void Put(in JournalKey key, ReadOnlySpan<uint> words)
    {
        if (IsLost)
        {
            return;
        }

        ReadOnlySpan<byte> value = MemoryMarshal.AsBytes(words);
        long before = SizeOf(key);
        if (_bytes - before + JournalLog.RecordHeader + value.Length > limit || !log.TryPut(key, value))
        {
            Lose();
            return;
        }

        _bytes -= before;
        Account(key, value.Length);
    }

    private bool Remove(in JournalKey key)
    {
        if (!log.Contains(key))
        {
            return false;
        }

        _bytes -= SizeOf(key);
        log.Remove(key);
        _ = _subs.TryGetValue(VirglItem.SubContextOf(key), out HashSet<JournalKey>? keys) && keys.Remove(key);
        return true;
    }

    private void Account(in JournalKey key, int length)
    {
        uint sub = VirglItem.SubContextOf(key);
        if (!_subs.TryGetValue(sub, out HashSet<JournalKey>? keys))
        {
            _subs.Add(sub, keys = []);
        }

        _ = keys.Add(key);
        _bytes += JournalLog.RecordHeader + length;
    }

    private long SizeOf(in JournalKey key) =>
        log.TryGet(key, out ReadOnlySpan<byte> value) ? JournalLog.RecordHeader + value.Length : 0;

    private bool IsKnown(uint sub) => _subs.ContainsKey(sub);
}
