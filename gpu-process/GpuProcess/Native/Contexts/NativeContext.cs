using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Native.Fences;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>
/// A native context: the guest's driver talks to the kernel's driver by commands in streams. Here is what all drivers have in
/// common; a driver adds its commands. Whatever a guest sends ends in a value, never in an exception.
/// </summary>
/// <remarks>
/// A command that is refused counts and raises the guest's error counter, and its number is reported as done: Mesa waits for
/// numbers in the page without end. The stream's later commands are carried out, each checked for itself.
/// </remarks>
internal abstract class NativeContext(NativeContextSetup setup) : IDisposable
{
    private readonly Dictionary<uint, NativeTimeline> _timelines = [];
    private byte[] _answer = new byte[1024];
    private int _answerLength;
    private uint _asyncErrors;
    private bool _isDisposed;

    public uint Id => setup.Id;

    /// <summary>Whether everything in the file has been undone when the context ended.</summary>
    public bool LeftNothing { get; private set; }

    /// <summary>The context's file; it is returned to its device after the context has ended.</summary>
    public IDrmFile File => setup.File;

    public GemTable Objects { get; } = new(setup.File, setup.Limits, setup.Statistics);

    /// <summary>Null until the guest has made it.</summary>
    public SharedPage? Page { get; private set; }

    /// <summary>Something stays in the file that the kernel would not undo.</summary>
    protected bool HasLeftovers { get; set; }

    protected NativeLimits Limits => setup.Limits;

    /// <summary>Takes the descriptors that the kernel gives for a command or a submission.</summary>
    protected DescriptorPool Descriptors => setup.Descriptors;

    /// <summary>For people: the driver's name.</summary>
    protected abstract string Driver { get; }

    /// <summary>Bytes of the driver's structure at the beginning of the page.</summary>
    protected abstract uint PageHeaderSize { get; }

    /// <summary>Where that structure counts what has failed; null: it does not.</summary>
    protected abstract int? AsyncErrorOffset { get; }

    /// <summary>Commands, answers and their places are multiples of it.</summary>
    protected abstract uint Alignment { get; }

    /// <summary>Rings have numbers below it; ring 0 is the processor's.</summary>
    protected abstract uint RingCount { get; }

    /// <summary>Carries a command out.</summary>
    /// <returns>0, or a positive errno where the command was refused and has no answer to say so.</returns>
    protected abstract int Execute(in NativeCommand command);

    /// <summary>Undoes all that was made in the file but GEM objects.</summary>
    /// <returns>Whether the kernel has undone all of it.</returns>
    protected abstract bool Release();

    /// <summary>Called when the guest has made the page.</summary>
    protected virtual void PageMade()
    {
    }

    /// <summary>Called when submitted work is complete, before its fences retire.</summary>
    protected virtual void WorkCompleted()
    {
    }

    /// <summary>Called when the guest makes a resource of an object.</summary>
    /// <returns>Whether the size that the guest says is that of the object.</returns>
    protected virtual bool IsSizeOf(GemObject found, ulong size) => found.Size == RoundUp(size);

    /// <summary>Carries a stream out.</summary>
    /// <param name="stream">A copy of ours.</param>
    /// <returns>False if a part of it was refused.</returns>
    public bool Submit(ReadOnlySpan<byte> stream)
    {
        bool done = true;
        while (stream.Length >= Unsafe.SizeOf<VdrmCcmdReq>())
        {
            VdrmCcmdReq header = MemoryMarshal.Read<VdrmCcmdReq>(stream);
            setup.Statistics.Commands++;
            if (header.Len < Unsafe.SizeOf<VdrmCcmdReq>() || header.Len > (uint)stream.Length || header.Len % Alignment != 0
                || header.RspOff % Alignment != 0)
            {
                // Nobody can say where the next one begins.
                Refuse(header, EINVAL, "its length or the place of its answer is wrong");
                return false;
            }

            done &= Execute(header, stream[..(int)header.Len]);
            stream = stream[(int)header.Len..];
        }

        return done && stream.IsEmpty;
    }

    /// <summary>Makes the page (blob id 0); once.</summary>
    /// <returns>0, or a positive errno.</returns>
    public int MakePage(ulong size)
    {
        if (Page is not null || size < PageHeaderSize || size > Limits.MaxSharedBytes)
        {
            return EINVAL;
        }

        try
        {
            Page = new SharedPage(size, PageHeaderSize);
        }
        catch (ErrnoException error)
        {
            return error.Errno;
        }

        CountAsyncErrors(0);
        PageMade();
        return 0;
    }

    /// <summary>Makes an object that a command has made known by its resource.</summary>
    public int MakeResource(ulong blobId, uint resourceId, ulong size, out GemObject? made)
    {
        made = null;
        if (blobId > uint.MaxValue || Objects.TryGet(resourceId, out _))
        {
            return EINVAL;
        }

        if (!Objects.TryGetBlob((uint)blobId, out GemObject? found))
        {
            return ENOENT;
        }

        if (!IsSizeOf(found, size))
        {
            return EINVAL;
        }

        Objects.BecameResource(found, resourceId);
        made = found;
        return 0;
    }

    /// <summary>Gives a dma-buf of a resource's object.</summary>
    public bool TryExport(uint resourceId, [NotNullWhen(true)] out Descriptor? buffer, out string why)
    {
        buffer = null;
        if (!Objects.TryGet(resourceId, out GemObject? found))
        {
            why = "its context does not have it any more";
            return false;
        }

        int error = found.IsPrivate ? EPERM : File.ExportGem(found.Handle, out buffer);
        why = error == 0 ? "" : found.IsPrivate ? "the guest made it private to its address space" : $"the kernel's {Driver} driver does not export it, errno {error}";
        return buffer is not null;
    }

    /// <summary>Takes an object of another context.</summary>
    public bool TryImport(uint resourceId, Descriptor buffer, ulong size)
    {
        if (!Objects.MayImport(resourceId) || File.ImportGem(buffer, out uint handle) != 0)
        {
            return false;
        }

        Objects.Imported(resourceId, new GemObject { Handle = handle, Size = size });
        return true;
    }

    /// <summary>Puts a fence of the guest behind what was submitted to a ring.</summary>
    public bool TryFence(FenceTimelineId id, uint fence)
    {
        if (id.Ring >= RingCount)
        {
            return false;
        }

        if (id.Ring == 0 || !_timelines.TryGetValue(id.Ring, out NativeTimeline? timeline))
        {
            // The commands themselves are carried out when they have been read.
            setup.Retired.Add(new RetiredFence(id, fence));
            return true;
        }

        timeline.Add(fence);
        return true;
    }

    /// <summary>Retires what is complete, without waiting for the event loop.</summary>
    public void Poll()
    {
        foreach (NativeTimeline timeline in _timelines.Values)
        {
            timeline.Poll();
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        foreach (NativeTimeline timeline in _timelines.Values)
        {
            timeline.Dispose();
        }

        // Queues and address spaces before the objects that they use.
        bool released = Release();
        Objects.Clear();
        LeftNothing = released && !Objects.HasLeftovers && !HasLeftovers;
        Page?.Dispose();
    }

    /// <summary>Notes a submission to a ring.</summary>
    /// <param name="fence">Owned from here on.</param>
    protected void Submitted(uint ring, PooledDescriptor fence)
    {
        ref NativeTimeline? timeline = ref CollectionsMarshal.GetValueRefOrAddDefault(_timelines, ring, out _);
        timeline ??= new NativeTimeline(
            new FenceTimelineId(Id, ring), setup.Loop, setup.Retired, File, setup.Statistics, OnCompleted);
        timeline.Submitted(fence);
    }

    /// <summary>Whether one more submission may be on its way, each of which costs a descriptor or two.</summary>
    protected bool HasRoomForSubmission()
    {
        if (setup.Statistics.SyncFiles >= Limits.MaxSyncFiles)
        {
            Poll();
        }

        return setup.Statistics.SyncFiles < Limits.MaxSyncFiles;
    }

    /// <summary>Counts a command that was refused by its answer.</summary>
    /// <returns>The answer: the error below zero, as Linux gives it.</returns>
    protected int Refused(int error)
    {
        setup.Statistics.Refused++;
        return -error;
    }

    /// <summary>Room for the answer of the command that is being carried out, filled with zeroes.</summary>
    /// <returns>False: the guest has no page, or no room where it wants the answer.</returns>
    protected bool TryAnswer(in NativeCommand command, int length, out Span<byte> answer)
    {
        uint offset = command.Header.RspOff;
        if (Page is not { } page || length < Unsafe.SizeOf<VdrmCcmdRsp>() || offset > page.AnswerRoom || (uint)length > page.AnswerRoom - offset)
        {
            answer = default;
            return false;
        }

        if (_answer.Length < length)
        {
            _answer = new byte[length];
        }

        answer = _answer.AsSpan(0, length);
        answer.Clear();
        _answerLength = length;
        return true;
    }

    /// <summary>The same for an answer that is a structure and perhaps more bytes.</summary>
    protected bool TryAnswer<T>(in NativeCommand command, int more, out Span<byte> answer)
        where T : unmanaged
    {
        answer = default;
        return more >= 0 && more <= (int)Limits.MaxSharedBytes && TryAnswer(command, Unsafe.SizeOf<T>() + more, out answer);
    }

    /// <summary>Whether all bytes are zero, as reserved ones have to be.</summary>
    protected static bool IsZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>Whole pages.</summary>
    protected static ulong RoundUp(ulong size) =>
        size > ulong.MaxValue - BlobResource.PageSize ? ulong.MaxValue : (size + BlobResource.PageSize - 1) & ~(BlobResource.PageSize - 1);

    private bool Execute(in VdrmCcmdReq header, ReadOnlySpan<byte> bytes)
    {
        _answerLength = 0;
        var command = new NativeCommand(bytes);
        int error = Execute(command);
        if (error != 0)
        {
            Refuse(header, error, error == ENOSYS ? "unknown" : "refused");
            return false;
        }

        if (_answerLength != 0)
        {
            Page!.Answer(header.RspOff, _answer.AsSpan(0, _answerLength));
        }

        Page?.Completed(header.Seqno);
        return true;
    }

    private void Refuse(in VdrmCcmdReq header, int error, string why)
    {
        setup.Statistics.Refused++;
        setup.Statistics.Unknown += error == ENOSYS ? 1 : 0;
        setup.Log.Write($"native context {Id}: {Driver} command {header.Cmd} of {header.Len} bytes: {why}, errno {error}");
        CountAsyncErrors(1);
        Page?.Completed(header.Seqno);
    }

    private void OnCompleted(bool failed)
    {
        CountAsyncErrors(failed ? 1u : 0);
        WorkCompleted();
    }

    private void CountAsyncErrors(uint more)
    {
        _asyncErrors += more;
        if (AsyncErrorOffset is { } offset)
        {
            Page?.WriteWord(offset, _asyncErrors);
        }
    }
}
