using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>
/// QEMU's qtest protocol: one line asks, one line answers. It does to the machine what a CPU would, so that a device
/// model can be driven without a guest.
/// </summary>
internal sealed class QtestClient : IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _reader;

    public QtestClient(string path)
    {
        _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _reader = new StreamReader(new NetworkStream(_socket), Encoding.ASCII);
    }

    public void WritePort(ushort port, uint value) => Ask($"outl 0x{port:x} 0x{value:x}");

    public uint ReadPort(ushort port) => (uint)Parse(Ask($"inl 0x{port:x}"));

    /// <param name="address">Guest-physical.</param>
    /// <param name="width">b, w, l or q: 1, 2, 4 or 8 bytes.</param>
    /// <param name="value">What to write.</param>
    public void Write(ulong address, char width, ulong value) => Ask($"write{width} 0x{address:x} 0x{value:x}");

    public ulong Read(ulong address, char width) => Parse(Ask($"read{width} 0x{address:x}"));

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }

    private string Ask(string command)
    {
        _ = _socket.Send(Encoding.ASCII.GetBytes(command + "\n"));
        while (true)
        {
            string line = _reader.ReadLine() ?? throw new IOException($"QEMU closed qtest at '{command}'");
            // Interrupts are announced between the answers.
            if (!line.StartsWith("IRQ", StringComparison.Ordinal))
            {
                return line.StartsWith("OK", StringComparison.Ordinal) ? line[2..].Trim() : throw new IOException($"{command}: {line}");
            }
        }
    }

    private static ulong Parse(string number) => ulong.Parse(number.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
