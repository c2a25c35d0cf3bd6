using System.Threading.Channels;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer;
using SplitVmm.ControlServer.Sessions;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.Ipc.Tests.Control;

[Trait("Tier", "unit")]
public sealed class ControlConnectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly TestLoop _loop = new();
    private readonly Channel<CoreReport> _reports = Channel.CreateUnbounded<CoreReport>();
    private readonly Channel<CoreCommand> _commands = Channel.CreateUnbounded<CoreCommand>();
    private readonly TaskCompletionSource<EndReason> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ControlHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ControlHost.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _loop.Dispose();
    }

    [Fact]
    public async Task Attach_SameVersion_IsWelcomedWithItsHello()
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        using (connection)
        {
            Hello hello = await session.Attached.WaitAsync(Limit, Cancellation);
            Assert.Equal("vmm-core", hello.Process);
            Assert.Equal(Environment.ProcessId, hello.Pid);
            Assert.Equal(["pause"], hello.Capabilities);
        }

        Assert.Contains("closed", await session.Ended.WaitAsync(Limit, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_FromAnyThread_ArrivesInOrder()
    {
        (_, var connection) = Connect();
        using (connection)
        {
            for (ulong i = 0; i < 100; i++)
            {
                Assert.True(connection.Report(new CoreReport { WindowRepaired = new WindowRepaired { Repairs = i } }));
            }

            for (ulong i = 0; i < 100; i++)
            {
                CoreReport report = await _reports.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Limit, Cancellation);
                Assert.Equal(i, report.WindowRepaired.Repairs);
            }
        }
    }

    [Fact]
    public async Task Dispose_QueuedReports_AreFlushed()
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        _ = connection.Report(new CoreReport { Guest = new GuestEvent { State = GuestState.PoweredOff } });
        connection.Fail("no more");
        connection.Dispose();

        _ = await session.Ended.WaitAsync(Limit, Cancellation);
        Assert.True(_reports.Reader.TryRead(out CoreReport? report));
        Assert.Equal(GuestState.PoweredOff, report.Guest.State);
        Assert.Equal("no more", session.Failure);
    }

    [Fact]
    public async Task Send_Command_RunsOnTheLoop()
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        using (connection)
        {
            Assert.True(session.Send(new CoreCommand { PowerButton = new PowerButton() }));
            CoreCommand command = await _commands.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Limit, Cancellation);
            Assert.Equal(CoreCommand.KindOneofCase.PowerButton, command.KindCase);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("the guest is off")]
    public async Task Request_Answered_GivesTheOutcome(string? error)
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        using (connection)
        {
            Task<string?> outcome = session.RequestAsync(new CoreCommand { Pause = new Pause() }, Limit);
            connection.Reply(await _commands.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Limit, Cancellation), error);
            Assert.Equal(error, await outcome);
        }
    }

    [Fact]
    public async Task Request_ProcessGone_SaysSo()
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        Task<string?> outcome = session.RequestAsync(new CoreCommand { Pause = new Pause() }, Limit);
        connection.Dispose();
        Assert.Equal("vmm-core ended", await outcome);
        _ = await session.Ended.WaitAsync(Limit, Cancellation);
        Assert.Equal("vmm-core does not take commands", await session.RequestAsync(new CoreCommand(), Limit));
    }

    [Fact]
    public async Task Ping_LoopTurns_IsAnswered()
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        using (connection)
        {
            Assert.NotNull(await session.PingAsync(Limit));
        }
    }

    [Fact]
    public async Task Ping_LoopStandsStill_IsNotAnswered()
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        using (connection)
        using (var gate = new ManualResetEventSlim())
        {
            _loop.Post(() => gate.Wait(Cancellation));
            Assert.Null(await session.PingAsync(TimeSpan.FromMilliseconds(200)));
            gate.Set();
            Assert.NotNull(await session.PingAsync(Limit));
        }
    }

    [Fact]
    public async Task Quit_EndsOnceWithQuit()
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        using (connection)
        {
            Assert.True(session.Quit());
            Assert.Equal(EndReason.Quit, await _end.Task.WaitAsync(Limit, Cancellation));
        }
    }

    [Fact]
    public async Task SupervisorGone_EndsWithLost()
    {
        (ControlSession<CoreReport, CoreCommand> session, var connection) = Connect();
        using (connection)
        {
            session.Close();
            Assert.Equal(EndReason.SupervisorLost, await _end.Task.WaitAsync(Limit, Cancellation));
        }
    }

    [Fact]
    public void Attach_NobodyAnswers_FailsInTime()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        using (ours)
        {
            ControlException e = Assert.Throws<ControlException>(() => ControlClient.AttachCore(
                theirs, Options(TimeSpan.FromMilliseconds(200))));
            Assert.Equal("the supervisor did not answer within 0.2 s", e.Message);
        }
    }

    [Fact]
    public void Attach_SupervisorGone_Fails()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        ours.Dispose();
        ControlException e = Assert.Throws<ControlException>(() => ControlClient.AttachCore(theirs, Options(Limit)));
        Assert.StartsWith("the control connection failed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_ServiceOfAnotherPrivilege_IsDenied()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        ControlSession<GpuReport, GpuCommand> session = _host.AcceptGpu(ours, _ => Assert.Fail("reported"));
        ControlException e = Assert.Throws<ControlException>(() => ControlClient.AttachCore(theirs, Options(Limit)));
        Assert.Contains("not the service of this process", e.Message, StringComparison.Ordinal);
        _ = await Assert.ThrowsAsync<IOException>(() => session.Attached.WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task Attach_AnotherProgram_IsRefused()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        ControlSession<CoreReport, CoreCommand> session = _host.AcceptCore(ours, _ => { });
        ControlException e = Assert.Throws<ControlException>(
            () => ControlClient.AttachCore(theirs, Options(Limit, "impostor")));
        Assert.Equal("a program other than vmm-core answered in its place", e.Message);
        Assert.Equal(e.Message, await session.Ended.WaitAsync(Limit, Cancellation));
    }

    private (ControlSession<CoreReport, CoreCommand> Session, ControlConnection<CoreReport, CoreCommand> Connection) Connect()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        ControlSession<CoreReport, CoreCommand> session = _host.AcceptCore(ours, r => _reports.Writer.TryWrite(r));
        return (session, ControlClient.AttachCore(theirs, Options(Limit)));
    }

    private ControlClientOptions<CoreCommand> Options(TimeSpan welcome, string process = "vmm-core") => new()
    {
        Process = process,
        Capabilities = ["pause"],
        Post = _loop.Post,
        OnCommand = command =>
        {
            Assert.Equal(_loop.ThreadId, Environment.CurrentManagedThreadId);
            _ = _commands.Writer.TryWrite(command);
        },
        OnEnd = reason => _end.SetResult(reason),
        WelcomeTimeout = welcome,
        LostDeadline = null,
        DieWithParent = false,
    };
}
