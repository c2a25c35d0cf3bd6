using System.Collections.Concurrent;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer;
using SplitVmm.ControlServer.Sessions;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Processes;

/// <summary>The supervisor's side of the control connection, by the real server.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ControlTests : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("control").FullName;
    private readonly ConcurrentQueue<DisplayReport> _reports = [];
    private ControlHost _host = null!;
    private ControlSession<DisplayReport, DisplayCommand> _session = null!;
    private RunningDisplay _display = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ControlHost.StartAsync(TestContext.Current.CancellationToken);
        (UnixSocket supervisor, UnixSocket process) = UnixSocket.CreateStreamPair();
        _session = _host.AcceptDisplay(supervisor, _reports.Enqueue);
        _display = new RunningDisplay(options => options with { FramesFolder = _folder }, process);
        _display.Source.WaitUntilReady();
    }

    [Fact]
    public async Task Frames_AreReported()
    {
        Hello hello = await _session.Attached.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.Equal("display-process", hello.Process);
        Show(0x445566);

        WaitFor(report => report.Backend is { Backend: "headless", Transport: "memfd" });
        WaitFor(report => report.FirstFrame is { Width: 64, Height: 48 });
        WaitFor(report => report.Statistics is { Width: 64, Height: 48, Frames: > 0 });
        Assert.NotNull(await _session.PingAsync(s_limit));
    }

    [Fact]
    public async Task Screenshot_IsCompleteWhenItIsAnswered()
    {
        Show(0x0A0B0C);
        string path = Path.Combine(_folder, "shot.png");

        Assert.Null(await Take(path, 0));

        Assert.Null(Png.Read(path).FirstDifference((_, _) => 0x0A0B0C));
    }

    [Fact]
    public async Task Screenshot_ThatCannotBe_SaysWhy()
    {
        Assert.Equal("head 0 shows no picture", await Take(Path.Combine(_folder, "a.png"), 0));
        Assert.Equal("there is no head 7", await Take(Path.Combine(_folder, "a.png"), 7));
        Show(1);
        Assert.StartsWith($"cannot write {_folder}/missing/a.png: ", await Take(Path.Combine(_folder, "missing", "a.png"), 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SourceGone_SaysSoOnThePictureAndStays()
    {
        Show(0x777777);
        _display.Source.Dispose();
        string path = Path.Combine(_folder, "gone.png");
        long end = Environment.TickCount64 + 10_000;
        do
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.Null(await Take(path, 0));
        }
        while (Png.Read(path).FirstDifference((_, _) => 0x777777) is null && Environment.TickCount64 < end);

        // The banner is above, the rest is the last picture.
        Png png = Png.Read(path);
        Assert.NotNull(png.FirstDifference((_, _) => 0x777777));
        Assert.Null(png.FirstDifference((_, _) => 0x777777, fromRow: 24));
    }

    [Fact]
    public async Task Notice_IsLaidOverThePictureUntilTakenAway()
    {
        Show(0x555555);
        string path = Path.Combine(_folder, "notice.png");

        Assert.Null(await _session.RequestAsync(new DisplayCommand { Notice = new Notice { Text = "graphics\nrestarting" } }, s_limit));
        Assert.Null(await Take(path, 0));
        Assert.NotNull(Png.Read(path).FirstDifference((_, _) => 0x555555));
        Assert.Null(await _session.RequestAsync(new DisplayCommand { Notice = new Notice() }, s_limit));
        Assert.Null(await Take(path, 0));

        Assert.Null(Png.Read(path).FirstDifference((_, _) => 0x555555));
    }

    [Fact]
    public void SourceThatBreaksTheProtocol_EndsGraphicsOnly()
    {
        Show(0x333333);

        _display.Source.SendNonsense();

        Assert.True(SpinWait.SpinUntil(() => !_display.Log.IsEmpty, s_limit));
        Assert.Equal("graphics stopped: display wire: message.type: 0x80 is not one that a source sends", Assert.Single(_display.Log));
        Assert.Equal(0, _display.End());
    }

    [Fact]
    public void Quit_EndsWithStatus0()
    {
        Show(2);

        Assert.True(_session.Quit());

        Assert.Equal(0, _display.WaitForEnd());
        Assert.True(File.Exists(Path.Combine(_folder, "latest.png")));
    }

    public async ValueTask DisposeAsync()
    {
        _display.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Show(uint word)
    {
        _display.Source.Configure(64, 48);
        _display.Source.Draw(0, (_, _) => word);
        _display.Source.Show();
    }

    private Task<string?> Take(string path, uint head) =>
        _session.RequestAsync(new DisplayCommand { Screenshot = new Screenshot { Path = path, Head = head } }, s_limit);

    private void WaitFor(Func<DisplayReport, bool> wanted)
    {
        long end = Environment.TickCount64 + 20_000;
        while (!_reports.Any(wanted))
        {
            Assert.True(Environment.TickCount64 < end, $"not among {string.Join(", ", _reports)}");
            _display.Source.Pump(20);
        }
    }
}
