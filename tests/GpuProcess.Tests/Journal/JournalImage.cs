using SplitVmm.GpuProcess.Journal;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Journal;

/// <summary>The memory of a journal, as a supervisor makes it, and what a test does to it.</summary>
internal sealed class JournalImage : IDisposable
{
    private readonly SharedMapping _mapping;

    public JournalImage(int size = 1 << 20, Seals seals = Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW)
    {
        File = MemFd.Create("journal", size, seals);
        _mapping = SharedMapping.Create(File, 0, (nuint)size);
    }

    public MemFd File { get; }

    public Span<byte> Bytes => _mapping.Slice(0, (int)_mapping.Length);

    /// <summary>What a process finds that starts now.</summary>
    public JournalImage Copy()
    {
        var copy = new JournalImage((int)_mapping.Length);
        Bytes.CopyTo(copy.Bytes);
        return copy;
    }

    public JournalMemory Map()
    {
        Assert.Null(JournalMemory.TryMap(File, out JournalMemory? memory));
        return memory!;
    }

    public GpuJournal Open()
    {
        Assert.Null(GpuJournal.TryOpen(File, _ => { }, out GpuJournal? journal));
        return journal!;
    }

    public void Dispose()
    {
        _mapping.Dispose();
        File.Dispose();
    }
}
