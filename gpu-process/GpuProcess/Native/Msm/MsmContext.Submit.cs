using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.Msm.MsmUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Msm;

/// <summary>Submissions, whose two arrays are built anew. Relocations are not taken: no kernel of this interface needs them.</summary>
internal sealed unsafe partial class MsmContext
{
    private readonly NativeScratch _bos = new();
    private readonly NativeScratch _cmds = new();

    private int GemSubmit(in NativeCommand command)
    {
        MsmCcmdGemSubmitReq request = command.Read<MsmCcmdGemSubmitReq>();
        ReadOnlySpan<byte> tail = command.TailOf<MsmCcmdGemSubmitReq>();
        ulong needed = ((ulong)request.NrBos * (uint)sizeof(DrmMsmGemSubmitBo)) + ((ulong)request.NrCmds * (uint)sizeof(DrmMsmGemSubmitCmd));
        if ((request.Flags & ~MSM_SUBMIT_NO_IMPLICIT) != MSM_PIPE_3D0 || !_queues.TryGetValue(request.QueueId, out uint ring)
            || request.NrBos > (uint)Limits.MaxSubmitObjects || needed > (uint)tail.Length)
        {
            return EINVAL;
        }

        Span<DrmMsmGemSubmitBo> bos = _bos.Take<DrmMsmGemSubmitBo>((int)request.NrBos);
        Span<DrmMsmGemSubmitCmd> cmds = _cmds.Take<DrmMsmGemSubmitCmd>((int)request.NrCmds);
        if (!TryBuildCommands(tail, bos, cmds))
        {
            return EINVAL;
        }

        if (!HasRoomForSubmission())
        {
            return EBUSY;
        }

        var submit = new DrmMsmGemSubmit
        {
            Flags = request.Flags | MSM_SUBMIT_FENCE_FD_OUT | MSM_SUBMIT_FENCE_SN_IN,
            Fence = request.Fence,
            NrBos = request.NrBos,
            NrCmds = request.NrCmds,
            Bos = _bos.Address,
            Cmds = _cmds.Address,
            FenceFd = -1,
            Queueid = request.QueueId,
        };
        int error = File.Ioctl(DRM_IOCTL_MSM_GEM_SUBMIT, ref submit);
        if (error == 0)
        {
            Submitted(ring, Descriptors.Take(submit.FenceFd));
        }

        return error;
    }

    private bool TryBuildCommands(ReadOnlySpan<byte> tail, Span<DrmMsmGemSubmitBo> bos, Span<DrmMsmGemSubmitCmd> cmds)
    {
        ReadOnlySpan<byte> named = tail;
        foreach (ref DrmMsmGemSubmitBo bo in bos)
        {
            _ = NativeCommand.TryTake(ref tail, out bo);
            bo.Handle = Objects.HandleOf(bo.Handle);
            if ((bo.Flags & ~MSM_SUBMIT_BO_FLAGS) != 0 || bo.Handle == 0)
            {
                return false;
            }
        }

        foreach (ref DrmMsmGemSubmitCmd cmd in cmds)
        {
            _ = NativeCommand.TryTake(ref tail, out cmd);
            if (cmd.Type is < MSM_SUBMIT_CMD_BUF or > MSM_SUBMIT_CMD_CTX_RESTORE_BUF || cmd.SubmitIdx >= (uint)bos.Length
                || cmd.Pad != 0 || cmd.NrRelocs != 0 || cmd.Size == 0 || cmd.Size % 4 != 0 || cmd.SubmitOffset % 4 != 0
                || (ulong)cmd.SubmitOffset + cmd.Size > SizeOf(named, cmd.SubmitIdx))
            {
                return false;
            }

            cmd.Relocs = 0;
        }

        return true;
    }

    /// <summary>Bytes of the object that the guest named in one place of its list.</summary>
    private ulong SizeOf(ReadOnlySpan<byte> named, uint index)
    {
        ReadOnlySpan<byte> one = named[((int)index * sizeof(DrmMsmGemSubmitBo))..];
        _ = NativeCommand.TryTake(ref one, out DrmMsmGemSubmitBo bo);
        return Objects.TryGet(bo.Handle, out GemObject? found) ? found.Size : 0;
    }
}
