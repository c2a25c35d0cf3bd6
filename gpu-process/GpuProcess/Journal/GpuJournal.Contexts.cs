using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>Contexts and their streams.</summary>
internal sealed partial class GpuJournal
{
    /// <summary>The renderer has carried out a stream of a context.</summary>
    public void Submitted(GpuContext context, ReadOnlySpan<uint> stream)
    {
        if (IsWriting)
        {
            context.Recorder!.Record(stream);
        }
    }

    /// <summary>The renderer has refused a stream: to it the context is broken, and so it stays.</summary>
    public void SubmissionFailed(GpuContext context)
    {
        if (IsWriting)
        {
            context.Recorder!.Lose();
        }
    }

    /// <summary>The context cannot be restored, or was not.</summary>
    public void ContextLost(GpuContext context)
    {
        if (!_frozen)
        {
            context.Recorder!.Lose();
        }
    }

    public void ContextCreated(GpuContext context, in ContextRecord record)
    {
        if (IsWriting)
        {
            _ = Log.TryPut(new JournalKey(JournalKind.Context, context.Id), record);
        }
    }

    public void ContextDestroyed(GpuContext context)
    {
        if (!IsWriting)
        {
            return;
        }

        foreach (uint resource in context.Resources)
        {
            Log.Remove(new JournalKey(JournalKind.Attachment, context.Id, 0, resource));
        }

        context.Recorder!.Forget();
        Log.Remove(new JournalKey(JournalKind.LostContext, context.Id));
        Log.Remove(new JournalKey(JournalKind.Context, context.Id));
    }

    public void Attached(GpuContext context, uint resource)
    {
        if (IsWriting)
        {
            _ = Log.TryPut(new JournalKey(JournalKind.Attachment, context.Id, 0, resource), []);
        }
    }

    public void Detached(GpuContext context, uint resource)
    {
        if (IsWriting)
        {
            Log.Remove(new JournalKey(JournalKind.Attachment, context.Id, 0, resource));
        }
    }
}
