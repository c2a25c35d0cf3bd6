using SplitVmm.Platform.Descriptors;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>
/// What the device cannot recompute, kept where the next process finds it (docs/recovery.md). All that one request
/// changes becomes valid in the same store that says that the request was executed: the next process either knows
/// both or neither, and executes again exactly what it knows nothing of.
/// </summary>
/// <remarks>
/// The methods say what has happened; they never fail. What finds no room is not restored: a resource without
/// its record is unknown to the next process, and a guest that names it gets an error.
/// </remarks>
internal sealed partial class GpuJournal : IDisposable
{
    private readonly JournalMemory _memory;
    private bool _paused;
    private bool _frozen;

    private GpuJournal(JournalMemory memory, JournalLog log)
    {
        _memory = memory;
        Log = log;
    }

    /// <summary>The records.</summary>
    public JournalLog Log { get; }

    /// <summary>How often this journal was restored without the guest's having gone on afterwards.</summary>
    public uint Attempts { get => _memory.Header.Attempts; set => _memory.Header.Attempts = value; }

    /// <summary>The process's number among those that have used this journal, from 1.</summary>
    public ulong Generation => _memory.Header.Generation;

    public Span<JournalMemory.CursorFields> Cursors => _memory.Cursors;

    private bool IsWriting => !_paused && !_frozen;

    /// <summary>Opens the journal that the supervisor keeps.</summary>
    /// <param name="note">Told of contents that are not whole.</param>
    /// <returns>Why the memory cannot serve, in one line; null if it does.</returns>
    public static string? TryOpen(Descriptor file, Action<string> note, out GpuJournal? journal)
    {
        journal = null;
        string? fault = JournalMemory.TryMap(file, out JournalMemory? memory);
        if (fault is not null)
        {
            return fault;
        }

        if (!memory!.IsFormatted)
        {
            memory.Format();
        }

        if (!JournalLog.TryOpen(memory, out JournalLog log))
        {
            note("the journal is damaged: nothing of the guest's graphics is restored");
            log.Clear();
            memory.Cursors.Clear();
            memory.Marks.Clear();
        }

        memory.Header.Generation++;
        journal = new GpuJournal(memory, log);
        journal.DropUnexecutedMarks();
        return null;
    }

    /// <summary>A request begins.</summary>
    public void Begin(DescriptorChain chain)
    {
        if (!IsWriting)
        {
            return;
        }

        Log.MakeRoom();
        ref JournalMemory.MarkFields mark = ref _memory.Marks[chain.Head & (JournalMemory.MarkCount - 1)];
        // In this order: a number of the past under the name of the new request would pass for executed.
        Volatile.Write(ref mark.Sequence, Log.Sequence + 1);
        Volatile.Write(ref mark.Request, chain.Number + 1);
    }

    /// <summary>The request was executed, and its response written.</summary>
    public void Commit(DescriptorChain chain, uint written)
    {
        if (IsWriting)
        {
            _memory.Marks[chain.Head & (JournalMemory.MarkCount - 1)].Written = written;
            Log.Commit();
        }
    }

    /// <summary>Whether an earlier process executed a request that it had not given back.</summary>
    /// <param name="written">Bytes of its response, not to be trusted.</param>
    public bool WasExecuted(DescriptorChain chain, out uint written)
    {
        JournalMemory.MarkFields mark = _memory.Marks[chain.Head & (JournalMemory.MarkCount - 1)];
        written = mark.Written;
        return mark.Request == chain.Number + 1;
    }

    /// <summary>
    /// Takes note of what the last process was restoring when it died, if it was.
    /// </summary>
    /// <returns>What so many in a row died of that it is not to be tried again; of kind None if there is nothing.</returns>
    public JournalMemory.RestorationPoint TakeCulprit(uint patience)
    {
        ref JournalMemory.HeaderFields header = ref _memory.Header;
        if (header.Now.Kind != JournalKind.None)
        {
            header.Deaths = header.Now.Is(header.Death) ? header.Deaths + 1 : 1;
            header.Death = header.Now;
            header.Now.Kind = JournalKind.None;
        }

        return header.Deaths >= patience ? header.Death : default;
    }

    /// <summary>Notes what is about to be restored: a successor then knows what this process died of.</summary>
    public void BeginPoint(JournalKind kind, uint owner, uint number)
    {
        ref JournalMemory.RestorationPoint now = ref _memory.Header.Now;
        now.Owner = owner;
        now.Number = number;
        now.Kind = kind;
    }

    /// <summary>A restoration came to its end: what others died of is left out by now.</summary>
    public void Restored()
    {
        _memory.Header.Deaths = 0;
        Attempts++;
    }

    public void EndPoint() => _memory.Header.Now.Kind = JournalKind.None;

    /// <summary>While paused nothing is written: what happens is there already.</summary>
    public void Pause(bool paused) => _paused = paused;

    /// <summary>From now on nothing is written: what this process takes down is not the guest's doing.</summary>
    public void Freeze() => _frozen = true;

    /// <summary>The guest has reset the device.</summary>
    public void Clear()
    {
        if (_frozen)
        {
            return;
        }

        _paused = false;
        _memory.Marks.Clear();
        _memory.Cursors.Clear();
        Log.Clear();
        Attempts = 0;
        _memory.Header.Deaths = 0;
        EndPoint();
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>
    /// A request that was begun and not executed is executed now; later commits must not make its old mark true.
    /// </summary>
    private void DropUnexecutedMarks()
    {
        foreach (ref JournalMemory.MarkFields mark in _memory.Marks)
        {
            if ((int)(Log.Sequence - mark.Sequence) < 0)
            {
                mark.Request = 0;
            }
        }
    }
}
