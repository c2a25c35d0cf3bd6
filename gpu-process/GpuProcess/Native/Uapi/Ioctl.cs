namespace SplitVmm.GpuProcess.Native.Uapi;

/// <summary>The parts of an ioctl's number (<c>asm-generic/ioctl.h</c>).</summary>
internal static class Ioctl
{
    /// <summary>The kernel writes the argument.</summary>
    public const uint IOC_OUT = 0x8000_0000;

    /// <summary>Bytes of the argument.</summary>
    public static int SizeOf(uint number) => (int)((number >> 16) & 0x3FFF);
}
