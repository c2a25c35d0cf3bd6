using System.Runtime.CompilerServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.I915;
using SplitVmm.GpuProcess.Protocol;
using Xunit;
using static SplitVmm.GpuProcess.Native.I915.I915Ccmd;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>What iris and anv do over virtio-gpu, in one line each.</summary>
internal static class I915Guest
{
    public static (int Error, T Value) I915Simple<T>(this NativeRig rig, uint context, uint number, T argument)
        where T : unmanaged
    {
        bool answers = (number & 0x8000_0000) != 0;
        byte[] answer = rig.Ask(
            context, I915_CCMD_IOCTL_SIMPLE, new I915CcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument),
            8 + (answers ? Unsafe.SizeOf<T>() : 0));
        return (NativeRig.Read<VdrmResultRsp>(answer).Ret, answers ? NativeRig.Read<T>(answer.AsSpan(8)) : argument);
    }

    /// <summary>Asks something whose answer is a word.</summary>
    public static I915CcmdWordRsp AskWord<T>(this NativeRig rig, uint context, I915Ccmd command, T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged => NativeRig.Read<I915CcmdWordRsp>(rig.Ask(context, command, request, tail, 16));

    public static BlobResource CreateI915Object(this NativeRig rig, uint context, uint id, ulong size)
    {
        rig.Do(context, I915_CCMD_GEM_CREATE, new I915CcmdGemCreateReq { Size = size, BlobId = id });
        Assert.Equal(VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA, rig.CreateBlob(context, id, id, size, NativeRig.Shared, out BlobResource? made));
        return made!;
    }

    /// <summary>One parameter of a chain, with its data.</summary>
    public static byte[] Param(ulong param, ulong value, ReadOnlySpan<byte> data = default) =>
    [
        .. VdrmStream.Bytes(new DrmI915GemContextCreateExtSetparam { Param = { Size = (uint)data.Length, Param = param, Value = value } }), .. data,
    ];

    /// <summary>The extension that names memory, here the device's and the system's.</summary>
    public static byte[] Regions() =>
    [
        .. VdrmStream.Bytes(new DrmI915GemCreateExtMemoryRegions { NumRegions = 2, Regions = 0xDEAD_0000 }),
        .. VdrmStream.Bytes(new DrmI915GemMemoryClassInstance { MemoryClass = 1 }, default),
    ];

    public static I915CcmdGemExecbuffer2Req Execute(uint context) =>
        new() { Flags = 1 | (1 << 12), ContextId = context, BufferCount = 1, BatchLen = 64, RelocsCount = 1 };

    /// <summary>One object with one relocation to itself.</summary>
    public static byte[] ExecuteTail(uint resource) =>
    [
        .. VdrmStream.Bytes(new DrmI915GemExecObject2 { Handle = resource, RelocationCount = 1, RelocsPtr = 0xDEAD_0000, Flags = 16 }),
        .. VdrmStream.Bytes(new DrmI915GemRelocationEntry { Offset = 8 }),
    ];
}
