using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Uapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>
/// A native context of a driver that has one command for all ioctls without pointers: the ioctl's number and its argument,
/// answered by the result and, if the kernel writes it, the argument.
/// </summary>
internal abstract unsafe class SimpleIoctlContext<TSelf>(NativeContextSetup setup) : NativeContext(setup)
    where TSelf : SimpleIoctlContext<TSelf>
{
    /// <summary>Checks an argument and carries it out. Not bound to a context, so that no command makes a delegate.</summary>
    /// <returns>0, or a positive errno.</returns>
    protected delegate int Checked<T>(TSelf it, ref T argument);

    /// <summary>What the answer says of an errno, or of 0.</summary>
    protected abstract int ResultOf(int error);

    /// <param name="number">The whole number of the ioctl, which its driver knows.</param>
    /// <param name="argument">As the guest has sent it.</param>
    /// <returns>0, or a positive errno where there is no answer.</returns>
    protected int Simple<T>(in NativeCommand command, uint number, ReadOnlySpan<byte> argument, Checked<T> act)
        where T : unmanaged
    {
        bool answers = (number & Ioctl.IOC_OUT) != 0;
        if (argument.Length != sizeof(T))
        {
            return EINVAL;
        }

        if (!TryAnswer<VdrmResultRsp>(command, answers ? sizeof(T) : 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        T value = MemoryMarshal.Read<T>(argument);
        MemoryMarshal.Write(answer, new VdrmResultRsp { Ret = ResultOf(act((TSelf)this, ref value)) });
        if (answers)
        {
            MemoryMarshal.Write(answer[sizeof(VdrmResultRsp)..], value);
        }

        return 0;
    }
}
