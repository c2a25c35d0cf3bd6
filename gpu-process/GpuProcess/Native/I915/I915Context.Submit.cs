using System.Numerics;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.I915.I915Uapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.I915;

/// <summary>Submissions, whose lists of objects and relocations are built anew.</summary>
internal sealed unsafe partial class I915Context
{
    /// <summary>No secure batches, no pinned ones, no fences but ours, no extensions.</summary>
    private const ulong KnownExecFlags = I915_EXEC_RING_MASK | I915_EXEC_CONSTANTS_MASK | I915_EXEC_GEN7_SOL_RESET | I915_EXEC_NO_RELOC
        | I915_EXEC_HANDLE_LUT | I915_EXEC_BSD_MASK | I915_EXEC_BATCH_FIRST;

    private readonly NativeScratch _buffers = new();
    private readonly NativeScratch _relocations = new();

    private int Execbuffer(in NativeCommand command)
    {
        I915CcmdGemExecbuffer2Req request = command.Read<I915CcmdGemExecbuffer2Req>();
        ReadOnlySpan<byte> tail = command.TailOf<I915CcmdGemExecbuffer2Req>();
        ulong needed = ((ulong)request.BufferCount * (uint)sizeof(DrmI915GemExecObject2))
            + ((ulong)request.RelocsCount * (uint)sizeof(DrmI915GemRelocationEntry));
        uint ring = (uint)(request.Flags & I915_EXEC_RING_MASK) + 1;
        if ((request.Flags & ~KnownExecFlags) != 0 || ring >= RingCount || !IsContext(request.ContextId)
            || request.BufferCount == 0 || request.BufferCount > (uint)Limits.MaxSubmitObjects || needed != (uint)tail.Length
            // Without it relocations would name handles, of which the guest knows none.
            || (request.RelocsCount != 0 && (request.Flags & I915_EXEC_HANDLE_LUT) == 0))
        {
            return EINVAL;
        }

        Span<DrmI915GemExecObject2> buffers = _buffers.Take<DrmI915GemExecObject2>((int)request.BufferCount);
        Span<DrmI915GemRelocationEntry> relocations = _relocations.Take<DrmI915GemRelocationEntry>((int)request.RelocsCount);
        bool right = TryBuildLists(tail, buffers, relocations);
        if (!TryAnswer<VdrmResultRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        int error = !right ? EINVAL : HasRoomForSubmission() ? Execute(request, ring) : EBUSY;
        MemoryMarshal.Write(answer, new VdrmResultRsp { Ret = error == 0 ? 0 : -Refused(error) });
        return 0;
    }

    private int Execute(in I915CcmdGemExecbuffer2Req request, uint ring)
    {
        var execute = new DrmI915GemExecbuffer2
        {
            BuffersPtr = _buffers.Address,
            BufferCount = request.BufferCount,
            BatchStartOffset = request.BatchStartOffset,
            BatchLen = request.BatchLen,
            Flags = request.Flags | I915_EXEC_FENCE_OUT,
            Rsvd1 = request.ContextId,
        };
        int error = File.Ioctl(DRM_IOCTL_I915_GEM_EXECBUFFER2_WR, ref execute);
        if (error == 0)
        {
            Submitted(ring, Descriptors.Take((int)(execute.Rsvd2 >> 32)));
        }
        else if (error == EIO)
        {
            SetBanned((uint)request.ContextId, true);
        }

        return error;
    }

    private bool TryBuildLists(
        ReadOnlySpan<byte> tail, Span<DrmI915GemExecObject2> buffers, Span<DrmI915GemRelocationEntry> relocations)
    {
        int used = 0;
        foreach (ref DrmI915GemExecObject2 buffer in buffers)
        {
            _ = NativeCommand.TryTake(ref tail, out buffer);
            bool pads = (buffer.Flags & EXEC_OBJECT_PAD_TO_SIZE) != 0;
            buffer.Handle = Objects.HandleOf(buffer.Handle);
            if (buffer.Handle == 0 || (buffer.Flags & ~ExecObjectFlags) != 0 || buffer.Rsvd2 != 0 || (!pads && buffer.Rsvd1 != 0)
                || (buffer.Alignment != 0 && !BitOperations.IsPow2(buffer.Alignment))
                || buffer.RelocationCount > (uint)(relocations.Length - used))
            {
                return false;
            }

            buffer.RelocsPtr = buffer.RelocationCount == 0 ? 0 : _relocations.Address + (ulong)((long)used * sizeof(DrmI915GemRelocationEntry));
            used += (int)buffer.RelocationCount;
        }

        foreach (ref DrmI915GemRelocationEntry relocation in relocations)
        {
            _ = NativeCommand.TryTake(ref tail, out relocation);
            if (relocation.TargetHandle >= (uint)buffers.Length)
            {
                return false;
            }
        }

        return true;
    }
}
