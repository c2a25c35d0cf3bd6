using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// What the guest should see plugged into a scanout: source of VIRTIO_GPU_CMD_GET_DISPLAY_INFO and of the
/// EDID. Sent for each output after the hellos and whenever it changes; a scanout never named is not plugged in.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct OutputInfo
{
    [FieldOffset(0)] public uint Scanout;

    /// <summary>1: plugged in; 0: not, and the other fields are 0.</summary>
    [FieldOffset(4)] public uint Enabled;

    /// <summary>Pixels, 1 to <see cref="DisplayProtocol.MaxDimension"/>.</summary>
    [FieldOffset(8)] public uint Width;

    /// <summary>Pixels, 1 to <see cref="DisplayProtocol.MaxDimension"/>.</summary>
    [FieldOffset(12)] public uint Height;

    /// <summary>Physical size, 0 if unknown, at most 65535.</summary>
    [FieldOffset(16)] public uint WidthMillimetres;

    /// <summary>Physical size, 0 if unknown, at most 65535.</summary>
    [FieldOffset(20)] public uint HeightMillimetres;

    /// <summary>Thousandths of a hertz, 1 000 to 1 000 000.</summary>
    [FieldOffset(24)] public uint RefreshMillihertz;

    /// <summary>Scale that suits the output in 120ths, as Wayland has it: 120 is 1.0; 60 to 1200.</summary>
    [FieldOffset(28)] public uint Scale120;
}
