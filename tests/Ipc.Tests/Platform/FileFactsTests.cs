using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.Ipc.Tests.Platform;

[Trait("Tier", Tiers.Unit)]
public sealed class FileFactsTests
{
    [Fact]
    public void TryGet_MemFd_IsRegularWithItsSize()
    {
        using MemFd file = MemFd.Create("facts", 12345, Seals.None);

        Assert.True(FileFacts.TryGet(file, out FileFacts facts));

        Assert.True(facts.IsRegular);
        Assert.False(facts.IsSocket);
        Assert.Equal(12345, facts.Size);
        Assert.True(long.IsPow2(facts.BlockSize));
    }

    [Fact]
    public void TryGet_SocketAndEventFd_AreNotRegular()
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateStreamPair();
        using EventFd line = EventFd.Create();

        Assert.True(FileFacts.TryGet(first, out FileFacts socket));
        Assert.True(FileFacts.TryGet(line, out FileFacts counter));

        Assert.True(socket.IsSocket);
        Assert.False(socket.IsRegular);
        Assert.False(counter.IsRegular);
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void TryGet_NoSuchPath_IsFalse() => Assert.False(FileFacts.TryGet("/nonexistent/path", out _));
}
