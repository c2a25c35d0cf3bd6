using System.Text;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.DisplayProcess.Viewers.Messages;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Viewers;

/// <summary>Viewers that do wrong end their own connection, and the display goes on.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class HostileViewerTests : IDisposable
{
    private const string Hello = "\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";

    private readonly RunningDisplay _display = new(options => options with { HasViewers = true }, canBeReplugged: true);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\0BEGIN\r\nBEGIN\r\nrubbish that goes on and on")]
    [InlineData("\0AUTH EXTERNAL 30\r\nBEGIN\r\nrubbish that goes on and on")]
    [InlineData("\0AUTH EXTERNAL 30\r\nBEGIN\r\nl\u0001\0\u0001\u00FF\u00FF\u00FF\u007F\u0001\0\0\0\0\0\0\0")]
    [InlineData("\0AUTH EXTERNAL 30\r\nBEGIN\r\nl\u0001\0\u0001\0\0\0\0\u0001\0\0\0\u00FF\u00FF\u00FF\u007F")]
    [InlineData("\0AUTH EXTERNAL 30\r\nBEGIN\r\nl\u0001\0\u0001\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("\0AUTH EXTERNAL 30\r\nBEGIN\r\nl\u0001\0\u0001\0\0\0\0\u0001\0\0\0\u0008\0\0\0\u0001\u00FFo\0\0\0\0\0")]
    [InlineData("\0AUTH EXTERNAL 30\r\nBEGIN\r\nB\u0001\0\u0001\0\0\0\0\0\0\0\u0001\0\0\0\0")]
    public void Rubbish_EndsTheViewerAndNobodyElse(string bytes)
    {
        using UnixSocket socket = _display.AttachViewer();
        // The second one is no violation before the line is too long.
        Send(socket, Encoding.Latin1.GetBytes(bytes.PadRight(2000, 'x')));
        Assert.True(IsClosed(socket), string.Join('\n', _display.Log));
        AssertAlive();
    }

    [Fact]
    public void Rubbish_AfterEveryPrefixOfAnAnswer_IsNeverAnException()
    {
        // Each byte of a good message takes each of some values that parsers trip over.
        byte[] good = Call();
        var random = new Random(20);
        for (int i = 0; i < 4000; i++)
        {
            byte[] bad = [.. good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                bad[random.Next(bad.Length)] = (byte)(random.Next(4) == 0 ? random.Next(256) : random.GetItems<byte>([0, 1, 0x7F, 0x80, 0xFF], 1)[0]);
            }

            int length = random.Next(bad.Length + 1);
            if (ReceivedMessage.TryMeasure(bad.AsSpan(0, length), out int measured) && measured > 0 && measured <= length
                && ReceivedMessage.TryParse(bad.AsSpan(0, measured), out ReceivedMessage message))
            {
                _ = SplitVmm.DisplayProcess.Viewers.ViewerAbilities.From(in message);
            }
        }
    }

    [Fact]
    public void Descriptors_ThatNobodyAskedFor_EndTheViewer()
    {
        using UnixSocket socket = _display.AttachViewer();
        using MemFd memory = MemFd.Create("gift", 4096, Seals.None);
        _ = socket.Send(Encoding.Latin1.GetBytes(Hello), [memory], out _);
        Assert.True(IsClosed(socket));
        AssertAlive();
    }

    [Fact]
    public void LargePictures_ThatNobodyReads_HoldUpNobody()
    {
        _display.Source.WaitUntilReady();
        using UnixSocket socket = _display.AttachViewer();
        Send(socket, Encoding.Latin1.GetBytes(Hello));
        // The answer to the question for interfaces, whose serial is the first.
        var answer = new MessageBuilder();
        answer.BeginReturn(1, 1);
        answer.End();
        Send(socket, answer.Written);
        _display.Source.Configure(2048, 2048);
        for (int i = 0; i < 20; i++)
        {
            _display.Source.Show((uint)(i & 1));
        }

        AssertAlive();
    }

    [Fact]
    public void Flood_OfCallsWhoseAnswersNobodyReads_EndsTheViewer()
    {
        using UnixSocket socket = _display.AttachViewer();
        Send(socket, Encoding.Latin1.GetBytes(Hello));
        byte[] call = Call();
        long end = Environment.TickCount64 + 60_000;
        SocketStatus status = SocketStatus.Done;
        while (status != SocketStatus.Closed && Environment.TickCount64 < end)
        {
            status = socket.Send(call, [], out int sent);
            Assert.True(status != SocketStatus.Done || sent == call.Length, "a message went in parts");
        }

        Assert.Equal(SocketStatus.Closed, status);
        AssertAlive();
    }

    public void Dispose() => _display.Dispose();

    private static byte[] Call()
    {
        var call = new MessageBuilder();
        call.BeginCall(7, "/org/qemu/Display1/Listener", "org.freedesktop.DBus.Introspectable", "Introspect", "ss");
        call.Write("one");
        call.Write("two");
        call.End();
        return call.Written.ToArray();
    }

    private static void Send(UnixSocket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            SocketStatus status = socket.Send(bytes, [], out int sent);
            if (status == SocketStatus.Closed)
            {
                return;
            }

            bytes = bytes[sent..];
        }
    }

    private static bool IsClosed(UnixSocket socket)
    {
        var descriptors = new List<Descriptor>();
        var buffer = new byte[4096];
        return SpinWait.SpinUntil(() => socket.Receive(buffer, descriptors, out _) == SocketStatus.Closed, 20_000);
    }

    private void AssertAlive()
    {
        _display.Source.WaitUntilReady();
        _display.Source.Configure(32, 32);
        _display.Source.Show();
        Assert.False(_display.Source.IsClosed);
    }
}
