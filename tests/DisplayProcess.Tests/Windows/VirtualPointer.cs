using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>
/// A pointer of a Wayland desktop, by zwlr_virtual_pointer_manager_v1. It can be put on any pixel, where desktops count
/// in points. It is there as long as its connection is.
/// </summary>
internal sealed class VirtualPointer : IDisposable
{
    private const uint Display = 1;
    private const uint Registry = 2;
    private const uint Callback = 3;
    private const uint Manager = 4;
    private const uint Pointer = 5;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly uint _width;
    private readonly uint _height;

    /// <param name="socket">The desktop's.</param>
    /// <param name="width">Pixels of its only output.</param>
    /// <param name="height">Pixels of its only output.</param>
    public VirtualPointer(string socket, int width, int height)
    {
        (_width, _height) = ((uint)width, (uint)height);
        _socket.Connect(new UnixDomainSocketEndPoint(socket));
        Send(Display, 1, Registry);
        Send(Display, 0, Callback);
        (uint name, string text, uint version) = Find("zwlr_virtual_pointer_manager_v1");
        Send(Registry, 0, [name, .. Words(text), version, Manager]);
        Send(Manager, 0, 0, Pointer);
    }

    /// <summary>Moves it to a quarter of a pixel of the output: the last half of a window's last pixel may be beyond its points.</summary>
    public void MoveTo(int x, int y)
    {
        Send(Pointer, 1, Now, (4 * (uint)x) + 1, (4 * (uint)y) + 1, 4 * _width, 4 * _height);
        Send(Pointer, 4);
    }

    public void Dispose() => _socket.Dispose();

    private static uint Now => (uint)System.Environment.TickCount64;

    private static uint[] Words(string text)
    {
        byte[] bytes = new byte[(text.Length + 4) & ~3];
        Encoding.ASCII.GetBytes(text, bytes);
        return [(uint)text.Length + 1, .. bytes.Chunk(4).Select(four => BinaryPrimitives.ReadUInt32LittleEndian(four))];
    }

    private void Send(uint target, uint opcode, params uint[] arguments)
    {
        byte[] message = new byte[8 + (4 * arguments.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(message, target);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), ((uint)message.Length << 16) | opcode);
        for (int i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8 + (4 * i)), arguments[i]);
        }

        _ = _socket.Send(message);
    }

    // The registry's globals come before the callback of the request behind it.
    private (uint Name, string Interface, uint Version) Find(string wanted)
    {
        (uint, string, uint)? found = null;
        while (true)
        {
            byte[] header = Receive(8);
            byte[] body = Receive((BitConverter.ToUInt16(header, 6)) - 8);
            switch (BitConverter.ToUInt32(header))
            {
                case Registry:
                    int length = BitConverter.ToInt32(body, 4);
                    string text = Encoding.ASCII.GetString(body, 8, length - 1);
                    found = text == wanted ? (BitConverter.ToUInt32(body), text, BitConverter.ToUInt32(body, body.Length - 4)) : found;
                    break;
                case Callback:
                    return found ?? throw new InvalidOperationException($"the desktop has no {wanted}");
                default:
                    break;
            }
        }
    }

    private byte[] Receive(int count)
    {
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int more = _socket.Receive(bytes, have, count - have, SocketFlags.None);
            have += more > 0 ? more : throw new InvalidOperationException("the desktop closed the connection");
        }

        return bytes;
    }
}
