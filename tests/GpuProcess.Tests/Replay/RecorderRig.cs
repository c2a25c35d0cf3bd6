using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Virgl;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Replay;

/// <summary>One context with its recorder and journal, and what a successor would replay.</summary>
internal sealed class RecorderRig : IUploadSink, IDisposable
{
    private readonly JournalImage _image;
    private readonly JournalMemory _memory;
    private readonly long _limit;

    public RecorderRig(long limit = 4 << 20, int size = 4 << 20)
    {
        _limit = limit;
        _image = new JournalImage(size);
        _memory = _image.Map();
        _memory.Format();
        Assert.True(JournalLog.TryOpen(_memory, out JournalLog log));
        Log = log;
        Context = NewContext();
        Recorder = new VirglRecorder(log, Context, this, limit);
    }

    public JournalLog Log { get; }

    public GpuContext Context { get; }

    public VirglRecorder Recorder { get; }

    public int Uploads { get; private set; }

    public void Submit(VirglStream stream) => Submit(MemoryMarshal.Cast<byte, uint>(stream.Bytes));

    public void Submit(ReadOnlySpan<uint> stream)
    {
        Recorder.Record(stream);
        Log.Commit();
        Log.MakeRoom();
    }

    /// <summary>What a process that starts now would submit, in one.</summary>
    public uint[] Replay()
    {
        using JournalImage copy = _image.Copy();
        using JournalMemory memory = copy.Map();
        Assert.True(JournalLog.TryOpen(memory, out JournalLog log));
        GpuContext context = NewContext();
        var recorder = new VirglRecorder(log, context, this, _limit);
        List<JournalKey> keys = [];
        for (int entry = log.First; entry >= 0; entry = log.Next(entry))
        {
            JournalKey key = log.Key(entry);
            if (key.Kind == JournalKind.Command)
            {
                Assert.True(recorder.TryAdopt(key, log.Value(entry)), $"{VirglItem.Of(key)}");
                keys.Add(key);
            }
        }

        recorder.Adopted();
        Assert.Equal(Recorder.Bytes, recorder.Bytes);
        var plan = new ReplayPlan(log, context, keys);
        List<uint> words = [];
        while (plan.TryNext(out ReadOnlySpan<uint> piece))
        {
            words.AddRange(piece);
        }

        return [.. words];
    }

    public void Upload(GpuContext context, in VirglCommand command) => Uploads++;

    public void Dispose()
    {
        _memory.Dispose();
        _image.Dispose();
    }

    /// <summary>Resources 1 to 9 are attached.</summary>
    private static GpuContext NewContext()
    {
        var context = new GpuContext(1);
        for (uint id = 1; id < 10; id++)
        {
            _ = context.Resources.Add(id);
        }

        return context;
    }
}
