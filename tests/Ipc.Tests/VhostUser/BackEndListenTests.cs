using SplitVmm.Harness;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>A back end on a path, as foreign front ends use it.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class BackEndListenTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"vhost-user-{Guid.NewGuid():N}");
    private readonly EchoDevice _device = new();
    private readonly BackEndThread _backEnd;
    private readonly EventLoop _loop = new();

    public BackEndListenTests() => _backEnd = new BackEndThread(_device);

    [Fact]
    public void Listen_FrontEndsOneAfterTheOther_AreEachServedByAResetDevice()
    {
        _backEnd.Invoke(() => _backEnd.BackEnd.Listen(_path));

        for (int i = 1; i <= 3; i++)
        {
            using (var frontEnd = new VhostUserFrontEnd(UnixSocket.Connect(_path), _loop, new SilentEvents(), TimeSpan.FromSeconds(5)))
            {
                Assert.Equal(VhostUserResult.Done, frontEnd.Negotiate());
            }

            _ = _backEnd.WaitForDisconnection(i);
            Assert.Equal(i, _device.History().Count(line => line == "reset"));
        }
    }

    [Fact]
    public void Listen_SecondFrontEnd_WaitsForTheFirst()
    {
        _backEnd.Invoke(() => _backEnd.BackEnd.Listen(_path));
        using var first = new RawPeer(UnixSocket.Connect(_path));
        first.Negotiate();
        using var second = new RawPeer(UnixSocket.Connect(_path));
        second.Send(VhostUserRequest.GET_FEATURES, []);

        Assert.False(Poll.WaitUntil(second.Socket, Readiness.In, Deadlines.In(TimeSpan.FromMilliseconds(50))));
        first.Dispose();

        Assert.Equal(8u, second.Receive().Header.Size);
    }

    [Fact]
    public void Dispose_WhileListening_RemovesThePath()
    {
        _backEnd.Invoke(() => _backEnd.BackEnd.Listen(_path));
        Assert.True(File.Exists(_path));

        _backEnd.Invoke(_backEnd.BackEnd.Dispose);

        Assert.False(File.Exists(_path));
        ErrnoException refused = Assert.Throws<ErrnoException>(() => UnixSocket.Connect(_path));
        Assert.Equal(Errno.ENOENT, refused.Errno);
    }

    [Fact]
    public void Serve_WhileAFrontEndIsServed_IsAFaultOfTheHost()
    {
        using UnixSocket first = _backEnd.Connect();

        Assert.Throws<InvalidOperationException>(() => _backEnd.Connect().Dispose());
    }

    public void Dispose()
    {
        _backEnd.Dispose();
        _loop.Dispose();
    }
}
