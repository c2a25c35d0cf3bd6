using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary>The array <c>uuid</c> of <see cref="VirtioGpuRespResourceUuid"/>.</summary>
[InlineArray(Length)]
public struct VirtioGpuUuid
{
    public const int Length = 16;

    private byte _first;
}

/// <summary><c>struct virtio_gpu_resp_resource_uuid</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct VirtioGpuRespResourceUuid
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuUuid Uuid;
}
