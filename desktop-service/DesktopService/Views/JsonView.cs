using System.Buffers;
using System.Text;
using System.Text.Json;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Supervision.Recovery;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.Views;

/// <summary>
/// One JSON object per line on standard output, for programs. Each has <c>event</c> and <c>seconds</c> since the
/// start; the guest's console comes as <c>console</c> events.
/// </summary>
internal sealed class JsonView : IRunView, IConsoleSink
{
    private const int LongestConsoleEvent = 1024;

    private static readonly TimeSpan StatisticsPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _output = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    // A serial port gives byte by byte; a program wants lines, or what there is after a while.
    private readonly StringBuilder _console = new();
    private readonly System.Diagnostics.Stopwatch _clock = System.Diagnostics.Stopwatch.StartNew();
    private TimeSpan _lastStatistics;

    public IConsoleSink Console => this;

    public void OnProcess(SupervisedProcess process) => Write("process", json =>
    {
        json.WriteString("process", process.Name);
        json.WriteString("state", Words.Of(process.Lifecycle.State));
        json.WriteNumber("pid", process.Child?.Pid ?? 0);
        if (process.Sandbox is { } sandbox)
        {
            WriteSandbox(json, sandbox);
        }

        if (process.Lifecycle.Exit is { } exit)
        {
            json.WriteNumber(exit.IsSignal ? "signal" : "status", exit.IsSignal ? exit.Signal : exit.Code);
        }
    });

    public void OnState(MachineStatus status) => Write("state", json => json.WriteString("state", status.State));

    public void OnRenderer(MachineStatus status) => Write("renderer", json =>
    {
        json.WriteString("renderer", status.Renderer);
        json.WriteString("capsets", status.Capsets);
    });

    public void OnFirstFrame(MachineStatus status, bool accelerated) => Write("first-frame", json =>
    {
        json.WriteBoolean("accelerated", accelerated);
        json.WriteNumber("width", status.Width);
        json.WriteNumber("height", status.Height);
    });

    public void OnLog(ProcessRole role, string line) => Write("log", json =>
    {
        json.WriteString("process", role.Name());
        json.WriteString("line", line);
    });

    public void OnRecovery(RecoveryNews news) => Write("recovery", json =>
    {
        json.WriteString("process", news.Role.Name());
        json.WriteString("step", Words.Of(news.Step));
        json.WriteString("cause", news.Cause);
        json.WriteNumber("crashes", news.Crashes);
        json.WriteNumber("quota", news.Limits.Crashes);
        json.WriteNumber("windowSeconds", news.Limits.Window.TotalSeconds);
        if (news.Took is { } took)
        {
            json.WriteNumber("milliseconds", Math.Round(took.TotalMilliseconds, 1));
        }

        json.WriteString("text", news.ToString());
    });

    public void OnNotice(string text) => Write("notice", json => json.WriteString("text", text));

    public TimeSpan? RefreshPeriod => TimeSpan.FromMilliseconds(250);

    public void Refresh(MachineStatus status)
    {
        FlushConsole();
        if (_clock.Elapsed - _lastStatistics >= StatisticsPeriod && status.Frames > 0)
        {
            _lastStatistics = _clock.Elapsed;
            Write("statistics", json => WriteStatistics(json, status));
        }
    }

    public void OnEnded(RunOutcome outcome, MachineStatus status)
    {
        FlushConsole();
        Write("ended", json => WriteOutcome(json, outcome, status));
    }

    void IConsoleSink.Write(ReadOnlySpan<byte> bytes)
    {
        // A character may be cut between two reads; the decoder keeps its first half.
        char[] text = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(bytes.Length));
        int length = _decoder.GetChars(bytes, text, flush: false);
        lock (_output)
        {
            _ = _console.Append(text, 0, length);
            if (bytes.Contains((byte)'\n') || _console.Length > LongestConsoleEvent)
            {
                FlushConsole();
            }
        }

        ArrayPool<char>.Shared.Return(text);
    }

    public void Dispose()
    {
    }

    private static void WriteSandbox(Utf8JsonWriter json, SandboxReport sandbox)
    {
        json.WriteStartObject("sandbox");
        json.WriteNumber("systemCalls", sandbox.SystemCalls);
        json.WriteNumber("landlock", sandbox.LandlockAbi);
        json.WriteBoolean("refusesExecutableMemory", sandbox.RefusesExecutableMemory);
        json.WriteStrings("missing", sandbox.Missing.Select(OneLine.Clean));
        json.WriteEndObject();
    }

    private static void WriteOutcome(Utf8JsonWriter json, RunOutcome outcome, MachineStatus status)
    {
        json.WriteNumber("status", outcome.Status);
        json.WriteString("message", outcome.Message);
        json.WriteStrings("details", outcome.Details);
        json.WriteString("renderer", status.Renderer);
        json.WriteNumber("restarts", status.Restarts);
        json.WriteNumber("windowRepairs", status.WindowRepairs);
        WriteStatistics(json, status);
        WriteSeconds(json, "firstFrameSeconds", status.FirstFrame);
        WriteSeconds(json, "firstAcceleratedFrameSeconds", status.FirstAcceleratedFrame);
    }

    private static void WriteStatistics(Utf8JsonWriter json, MachineStatus status)
    {
        json.WriteNumber("frames", status.Frames);
        json.WriteNumber("acceleratedFrames", status.AcceleratedFrames);
        json.WriteNumber("framesPerSecond", Math.Round(status.FramesPerSecond, 1));
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan? time)
    {
        if (time is { } known)
        {
            json.WriteNumber(name, Math.Round(known.TotalSeconds, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private void FlushConsole()
    {
        lock (_output)
        {
            if (_console.Length > 0)
            {
                string text = _console.ToString();
                _ = _console.Clear();
                Write("console", json => json.WriteString("text", text));
            }
        }
    }

    private void Write(string name, Action<Utf8JsonWriter> body)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            json.WriteNumber("seconds", Math.Round(_clock.Elapsed.TotalSeconds, 3));
            body(json);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        lock (_output)
        {
            OutputFile.StandardOutput.Write(line.WrittenSpan);
        }
    }
}
