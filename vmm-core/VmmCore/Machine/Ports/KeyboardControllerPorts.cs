using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Machine.Ports;

/// <summary>
/// What is left of the 8042 keyboard controller at port 0x64: the pulse on its output line that resets a PC. There
/// is no keyboard behind it; its status says idle, so that a guest that asks first does not wait.
/// </summary>
internal sealed class KeyboardControllerPorts(IMachineControl machine) : IMmioRegion
{
    public const ushort Command = 0x64;

    private const byte PulseReset = 0xFE;

    public void Read(ulong offset, Span<byte> data) => data.Clear();

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if (data[0] == PulseReset)
        {
            machine.RequestReset();
        }
    }
}
