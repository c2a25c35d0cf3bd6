using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests.Chaos;

/// <summary>The machine under <c>splitvmm run --json</c> with a microguest, and what it has said so far.</summary>
internal sealed partial class ChaosMachine : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _frames;
    private readonly object _news = new();
    private readonly Dictionary<string, int> _pids = [];
    private readonly Dictionary<string, int> _restarts = [];
    private readonly Dictionary<string, bool> _working = [];
    private readonly Dictionary<string, int> _causes = [];
    private readonly StringBuilder _console = new();
    private readonly StringBuilder _errors = new();
    private readonly Queue<(int Width, int Height, string Crc)> _pictures = new();
    private int _verified;
    private int _seen;

    /// <param name="hangTimeout">Of gpu-process, in seconds.</param>
    /// <param name="name">Of the folder for pictures.</param>
    /// <param name="guest">Null: it draws.</param>
    /// <param name="environment">Further variables for the programs.</param>
    /// <param name="options">Further options of <c>splitvmm run</c>.</param>
    public ChaosMachine(
        double hangTimeout, string name = "chaos", ChaosGuest? guest = null, IReadOnlyDictionary<string, string>? environment = null,
        params string[] options)
    {
        guest ??= ChaosGuest.Drawing;
        _frames = SourceTree.OutputFolder(name);
        var start = new ProcessStartInfo(SourceTree.Executable("splitvmm"),
        [
            "run", "--json", "--kernel", SourceTree.Path("out", "microguest", "microguest.elf"), "--append", guest.Words,
            "--memory", "256M", "--gpu", guest.Gpu, "--display", "headless,frame-interval=20,size=320x240", "--frames", _frames,
            "--crash-quota", "100000/60,max-delay=0",
            "--gpu-hang-timeout", hangTimeout.ToString(CultureInfo.InvariantCulture), .. options,
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Garbage is collected often (every 2 MiB), so that what grows is what is kept.
        start.Environment["DOTNET_GCgen0size"] = "200000";
        foreach ((string variable, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => TakeError(line.Data);
        _ = _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int SupervisorPid => _process.Id;

    public string Console => _console.ToString();

    /// <summary>What was logged, for the report of a failure.</summary>
    public string Errors
    {
        get
        {
            lock (_news)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>What the supervisor took the deaths for.</summary>
    public string Causes => string.Join(", ", _causes.OrderBy(entry => entry.Key).Select(entry => $"{entry.Value} {entry.Key}"));

    private string Latest => Path.Combine(_frames, "latest.png");

    /// <summary>The guest draws.</summary>
    public void WaitUntilRunning() => WaitForEvent("chaos running", 1);

    /// <summary>Waits until the guest has said something so many times.</summary>
    public void WaitForEvent(string text, int times) =>
        WaitUntil(() => Console.Split($"MG: event {text}").Length > times, $"{times}. \"{text}\" of the guest");

    public int PidOf(string process)
    {
        lock (_news)
        {
            return _pids.GetValueOrDefault(process);
        }
    }

    /// <summary>How often a process was replaced and works.</summary>
    public int RestartsOf(string process)
    {
        lock (_news)
        {
            return _restarts.GetValueOrDefault(process);
        }
    }

    /// <summary>Waits until the present process of a role has taken over.</summary>
    public void WaitUntilWorking(string process) => WaitUntil(() => _working.GetValueOrDefault(process), $"{process} that works");

    /// <summary>Waits for the successor of a process, which need not work yet; returns its pid.</summary>
    public int WaitForSuccessor(string process, int pid)
    {
        WaitUntil(() => _pids.GetValueOrDefault(process) is var now && now != pid && now != 0, $"successor of {process}");
        return PidOf(process);
    }

    /// <summary>Signals the present process of a role; returns its pid.</summary>
    public int Strike(string process, int signal)
    {
        while (true)
        {
            // On a busy host it may have been replaced for its silence since it was looked up.
            int pid = PidOf(process);
            if (ProcessFacts.Signal(pid, signal))
            {
                return pid;
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Waits for a picture written after <paramref name="since"/> that is one of the guest's patterns in every pixel.</summary>
    /// <returns>How many pictures in between were not.</returns>
    public int WaitForCorrectFrame(DateTime since)
    {
        int wrong = 0;
        DateTime last = since;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Limit)
        {
            DateTime written = File.GetLastWriteTimeUtc(Latest);
            if (written > last)
            {
                last = written;
                if (Picture.TryRead(Latest)?.IsPattern() == true)
                {
                    DeleteNumberedFrames();
                    return wrong;
                }

                wrong++;
            }

            Thread.Sleep(1);
        }

        throw new TimeoutException($"no correct frame within {Limit.TotalSeconds} s ({wrong} wrong ones); errors:\n{_errors}");
    }

    /// <summary>Has the guest show each of its surfaces, and compares each with what the guest says is in it.</summary>
    /// <returns>How many surfaces were compared.</returns>
    public int Verify()
    {
        int before = _verified;
        int compared = 0;
        SendKey('v');
        while (true)
        {
            (int Width, int Height, string Crc) expected = default;
            WaitUntil(() => _verified > before || _pictures.TryDequeue(out expected), "a surface to compare");
            if (expected.Crc is null)
            {
                return compared;
            }

            var clock = Stopwatch.StartNew();
            Picture? picture;
            do
            {
                Assert.True(clock.Elapsed < Limit, $"surface {compared} of {expected} was not shown as it should be");
                Thread.Sleep(2);
                picture = Picture.TryRead(Latest);
            }
            while (picture is null || (picture.Width, picture.Height, picture.Crc()) != expected);

            compared++;
            SendKey('n');
        }
    }

    /// <summary>Ends the guest; returns the exit status of splitvmm.</summary>
    public int End()
    {
        SendKey('q');
        return WaitForEnd();
    }

    /// <summary>Waits for the guest's own end; returns the exit status of splitvmm.</summary>
    public int WaitForEnd()
    {
        Assert.True(_process.WaitForExit(Limit), "splitvmm did not end");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>What the guest waits for where it says <c>hold=key</c>.</summary>
    public void SendKey(char key)
    {
        _process.StandardInput.Write(key);
        _process.StandardInput.Flush();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        DeleteNumberedFrames();
    }

    private void DeleteNumberedFrames()
    {
        foreach (string file in Directory.EnumerateFiles(_frames, "frame-*.png"))
        {
            File.Delete(file);
        }
    }

    private void WaitUntil(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        lock (_news)
        {
            while (!condition())
            {
                if (clock.Elapsed > Limit || _process.HasExited)
                {
                    throw new TimeoutException($"no {what} after {clock.Elapsed.TotalSeconds:0.0} s; console:\n{_console}\nerrors:\n{_errors}");
                }

                _ = Monitor.Wait(_news, 100);
            }
        }
    }

    private void TakeError(string? line)
    {
        lock (_news)
        {
            _ = _errors.AppendLine(line);
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement news = document.RootElement;
        lock (_news)
        {
            switch (news.GetProperty("event").GetString())
            {
                case "process" when news.GetProperty("state").GetString() == "starting":
                    _pids[news.GetProperty("process").GetString()!] = news.GetProperty("pid").GetInt32();
                    break;
                case "recovery":
                    string name = news.GetProperty("process").GetString()!;
                    bool works = _working[name] = news.GetProperty("step").GetString() == "restarted";
                    _restarts[name] = _restarts.GetValueOrDefault(name) + (works ? 1 : 0);
                    string cause = $"{name} {news.GetProperty("cause").GetString()}";
                    _causes[cause] = _causes.GetValueOrDefault(cause) + (works ? 0 : 1);
                    break;
                case "console":
                    TakeConsole(news.GetProperty("text").GetString()!);
                    break;
                case "log" or "ended":
                    _ = _errors.AppendLine(line);
                    break;
            }

            Monitor.PulseAll(_news);
        }
    }

    private void TakeConsole(string text)
    {
        _ = _console.Append(text);
        // A line may come in pieces: it is complete with its end.
        while (_console.ToString(_seen, _console.Length - _seen) is var rest && rest.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end)
        {
            _seen += end + 1;
            string line = rest[..end];
            if (PictureLine().Match(line) is { Success: true } match)
            {
                _pictures.Enqueue((Number(match, 1), Number(match, 2), match.Groups[3].Value));
            }
            else if (line.Contains("MG: event chaos verified", StringComparison.Ordinal))
            {
                _verified++;
            }
        }
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"MG: picture chaos scanout=0 width=(\d+) height=(\d+) crc32=([0-9a-f]{8})")]
    private static partial Regex PictureLine();
}
