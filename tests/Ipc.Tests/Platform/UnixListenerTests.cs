using SplitVmm.Harness;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.Ipc.Tests.Platform;

[Trait("Tier", Tiers.Unit)]
public sealed class UnixListenerTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"listener-{Guid.NewGuid():N}");

    [Fact]
    public void TryAccept_AfterConnect_GivesTheOtherEnd()
    {
        using UnixListener listener = UnixListener.Bind(_path);
        Assert.False(listener.TryAccept(out _));
        using UnixSocket client = UnixSocket.Connect(_path);

        Assert.True(listener.TryAccept(out UnixSocket? server));

        Assert.Equal(SocketStatus.Done, client.Send([1, 2, 3], [], out _));
        byte[] bytes = new byte[8];
        Assert.Equal(SocketStatus.Done, server.Receive(bytes, [], out int received));
        Assert.Equal(3, received);
        server.Dispose();
    }

    [Fact]
    public void Bind_SocketOfADeadProcess_IsReplaced()
    {
        using (UnixListener dead = UnixListener.Bind(_path))
        {
            // As a killed process does: the descriptor goes, the path stays.
            File.Move(_path, _path + ".kept");
        }

        File.Move(_path + ".kept", _path);
        using UnixListener listener = UnixListener.Bind(_path);
        using UnixSocket client = UnixSocket.Connect(_path);

        Assert.True(listener.TryAccept(out UnixSocket? server));
        server.Dispose();
    }

    [Fact]
    public void Bind_SocketInUse_IsRefusedAndLeftAlone()
    {
        using UnixListener listener = UnixListener.Bind(_path);

        ErrnoException refused = Assert.Throws<ErrnoException>(() => UnixListener.Bind(_path));

        Assert.Equal(Errno.EADDRINUSE, refused.Errno);
        Assert.Contains(_path, refused.Message, StringComparison.Ordinal);
        UnixSocket.Connect(_path).Dispose();
    }

    [Fact]
    public void Bind_OrdinaryFile_IsRefusedAndLeftAlone()
    {
        File.WriteAllText(_path, "precious");

        Assert.Throws<ErrnoException>(() => UnixListener.Bind(_path));

        Assert.Equal("precious", File.ReadAllText(_path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(108)]
    [InlineData(300)]
    public void Bind_PathThatDoesNotFit_IsRefusedWithItsLength(int length)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => UnixListener.Bind(new string('x', length)));

        Assert.Contains(length.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_NobodyThere_NamesThePath()
    {
        ErrnoException refused = Assert.Throws<ErrnoException>(() => UnixSocket.Connect(_path));

        Assert.Equal(Errno.ENOENT, refused.Errno);
        Assert.Contains(_path, refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_path);
}
