using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary><c>XErrorEvent</c> of <c>Xlib.h</c>, 40 bytes on x86-64.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct XErrorEvent
{
    /// <summary>The window, or whatever else the request was about.</summary>
    [FieldOffset(16)] public ulong ResourceId;

    [FieldOffset(24)] public ulong Serial;
    [FieldOffset(32)] public byte ErrorCode;

    /// <summary>The major opcode of the request.</summary>
    [FieldOffset(33)] public byte RequestCode;

    [FieldOffset(34)] public byte MinorCode;
}
