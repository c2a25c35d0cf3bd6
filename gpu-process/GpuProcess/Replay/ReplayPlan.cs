using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Replay.VirglCommandCode;

namespace SplitVmm.GpuProcess.Replay;

/// <summary>
/// The command stream that brings a fresh context to where the journal left its predecessor: for each sub-context
/// the objects, then the queries, then what was set, each in the order in which it was first or last said. It comes
/// in pieces, because a shader takes the renderer its time.
/// </summary>
internal sealed class ReplayPlan
{
    private readonly JournalLog _log;
    private readonly GpuContext _context;
    private readonly List<Sub> _subs = [];
    private readonly Dictionary<uint, VirglObjectType> _objects = [];
    private readonly List<uint> _piece = [];
    private uint[] _current = [];
    private int _sub;
    private int _step;
    private int _next;

    /// <param name="context">With the resources that are attached to it by now.</param>
    /// <param name="keys">Entries of this context, all adopted by its recorder, in the order of the log.</param>
    public ReplayPlan(JournalLog log, GpuContext context, IEnumerable<JournalKey> keys)
    {
        _log = log;
        _context = context;
        var subs = new Dictionary<uint, Sub> { [0] = new Sub(0, IsMade: true) };
        _subs.Add(subs[0]);
        foreach (JournalKey key in keys)
        {
            uint id = VirglItem.SubContextOf(key);
            if (!subs.TryGetValue(id, out Sub? sub))
            {
                subs.Add(id, sub = new Sub(id, log.Contains(new VirglItem(VirglItemClass.SubContext, 0).ToKey(context.Id, id))));
                _subs.Add(sub);
            }

            Place(sub, key);
        }
    }

    /// <summary>Whether there is a next piece; it stays valid until the next call.</summary>
    public bool TryNext(out ReadOnlySpan<uint> piece)
    {
        _piece.Clear();
        while (_piece.Count == 0 && _sub < _subs.Count)
        {
            Advance();
        }

        if (_piece.Count == 0 && _current.Length > 0)
        {
            _piece.AddRange(_current);
            _current = [];
        }

        piece = CollectionsMarshal.AsSpan(_piece);
        return !piece.IsEmpty;
    }

    private void Place(Sub sub, in JournalKey key)
    {
        VirglItem item = VirglItem.Of(key);
        switch (item.Class)
        {
            case VirglItemClass.CurrentSubContext:
                _ = TryWords(key, out _current);
                break;
            case VirglItemClass.SubContext:
                break;
            case VirglItemClass.Object:
                if (item.Part == 0)
                {
                    sub.Objects.Add(key);
                }

                break;
            case VirglItemClass.QueryState:
                // Those that still count come last: of one kind no two can count at once.
                bool counts = TryWords(key, out uint[] words) && (VirglCommandCode)(byte)words[0] == VIRGL_CCMD_BEGIN_QUERY;
                sub.Queries.Insert(counts ? sub.Queries.Count : 0, key);
                break;
            default:
                sub.State.Add(key);
                break;
        }
    }

    /// <summary>Adds the next thing to the piece, or goes to the next step.</summary>
    private void Advance()
    {
        Sub sub = _subs[_sub];
        if (!sub.IsMade && sub.Id != 0)
        {
            // What a journal says of a sub-context that it does not have.
            _sub++;
            return;
        }

        List<JournalKey>? keys = _step switch { 1 => sub.Objects, 2 => sub.Queries, 3 => sub.State, _ => null };
        if (keys is not null && _next < keys.Count)
        {
            Add(keys[_next++]);
            return;
        }

        _next = 0;
        switch (_step++)
        {
            case 0:
                _objects.Clear();
                if (sub.Id != 0)
                {
                    _piece.AddRange([VirglCommand.Header(VIRGL_CCMD_CREATE_SUB_CTX, 1), sub.Id]);
                }

                _piece.AddRange([VirglCommand.Header(VIRGL_CCMD_SET_SUB_CTX, 1), sub.Id]);
                break;
            case 3:
                _step = 0;
                _sub++;
                break;
            default:
                break;
        }
    }

    private void Add(in JournalKey key)
    {
        if (!TryWords(key, out uint[] words) || !VirglReferences.TryFit(words, _objects, _context.Resources))
        {
            return;
        }

        VirglItem item = VirglItem.Of(key);
        if (item.Class == VirglItemClass.QueryState)
        {
            AddQuery(words);
            return;
        }

        _piece.AddRange(words);
        if (item.Class == VirglItemClass.Object)
        {
            var type = (VirglObjectType)(byte)(words[0] >> 8);
            _objects[item.Index] = type;
            for (ushort part = 1; type == VirglObjectType.VIRGL_OBJECT_SHADER
                && TryWords((item with { Part = part }).ToKey(_context.Id, _subs[_sub].Id), out uint[] more); part++)
            {
                _piece.AddRange(more);
            }
        }
    }

    /// <summary>
    /// A query that counts goes on to count, from nothing; one that has ended gets an end, so that its result, for
    /// which a program may wait, can be had.
    /// </summary>
    private void AddQuery(uint[] words)
    {
        uint handle = words[1];
        if (!_objects.TryGetValue(handle, out VirglObjectType type) || type != VirglObjectType.VIRGL_OBJECT_QUERY)
        {
            return;
        }

        var code = (VirglCommandCode)(byte)words[0];
        _piece.AddRange([VirglCommand.Header(VIRGL_CCMD_BEGIN_QUERY, 1), handle]);
        if (code != VIRGL_CCMD_BEGIN_QUERY)
        {
            _piece.AddRange([VirglCommand.Header(VIRGL_CCMD_END_QUERY, 1), handle]);
        }

        if (code == VIRGL_CCMD_GET_QUERY_RESULT)
        {
            _piece.AddRange(words);
        }
    }

    private bool TryWords(in JournalKey key, out uint[] words)
    {
        bool found = _log.TryGet(key, out ReadOnlySpan<byte> value);
        words = found ? MemoryMarshal.Cast<byte, uint>(value).ToArray() : [];
        return found;
    }

    private sealed record Sub(uint Id, bool IsMade)
    {
        public List<JournalKey> Objects { get; } = [];

        public List<JournalKey> Queries { get; } = [];

        public List<JournalKey> State { get; } = [];
    }
}
