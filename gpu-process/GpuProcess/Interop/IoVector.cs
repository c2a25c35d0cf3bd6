using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Interop;

/// <summary><c>struct iovec</c> (<c>sys/uio.h</c>): what virglrenderer takes guest memory as.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct IoVector
{
    [FieldOffset(0)] public byte* Base;
    [FieldOffset(8)] public nuint Length;
}
