using System.Diagnostics;
using System.Text;

namespace SplitVmm.Harness;

/// <summary>A program under test: its output by line while it runs, and its certain end when disposed.</summary>
public sealed class ChildProgram : IDisposable
{
    private readonly Process _process;
    private readonly OutputText _output = new();
    private readonly OutputText _errors = new();

    private ChildProgram(Process process) => _process = process;

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public string StandardOutput => _output.ToString();

    public string StandardError => _errors.ToString();

    public static ChildProgram Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? workingFolder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder ?? SourceTree.Root,
        };
        foreach ((string key, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        var process = new Process { StartInfo = start };
        var child = new ChildProgram(process);
        process.OutputDataReceived += (_, line) => child._output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => child._errors.Add(line.Data);
        if (!process.Start())
        {
            throw new InvalidOperationException($"{program} did not start");
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time; it was killed, and its output is in the message.</exception>
    public static RunResult Run(
        string program,
        IEnumerable<string> arguments,
        TimeSpan timeout,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using ChildProgram child = Start(program, arguments, environment);
        child.CloseInput();
        return child.WaitForExit(timeout);
    }

    public void WriteLine(string text)
    {
        _process.StandardInput.WriteLine(text);
        _process.StandardInput.Flush();
    }

    /// <summary>The same without an end of line, for programs that take single keys.</summary>
    public void Write(string text)
    {
        _process.StandardInput.Write(text);
        _process.StandardInput.Flush();
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Waits until standard output holds <paramref name="text"/>; false if the time or the program ended first.</summary>
    public bool WaitForOutput(string text, TimeSpan timeout) => _output.WaitFor(text, timeout, () => _process.HasExited);

    /// <summary>The same on standard error.</summary>
    public bool WaitForError(string text, TimeSpan timeout) => _errors.WaitFor(text, timeout, () => _process.HasExited);

    public RunResult WaitForExit(TimeSpan timeout)
    {
        if (!_process.WaitForExit(timeout))
        {
            string report = $"{_process.StartInfo.FileName} did not end within {timeout.TotalSeconds} s; output:\n{_output}\nerrors:\n{_errors}";
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException(report);
        }

        // The overload without a time waits for the two readers to reach the end of the streams.
        _process.WaitForExit();
        return new RunResult(_process.ExitCode, StandardOutput, StandardError);
    }

    public void Kill() => _process.Kill(entireProcessTree: true);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>Lines as they arrive, with a wait for a text among them.</summary>
    private sealed class OutputText
    {
        private readonly StringBuilder _text = new();

        public void Add(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (_text)
            {
                _text.Append(line).Append('\n');
                Monitor.PulseAll(_text);
            }
        }

        public bool WaitFor(string wanted, TimeSpan timeout, Func<bool> ended)
        {
            var clock = Stopwatch.StartNew();
            lock (_text)
            {
                while (!_text.ToString().Contains(wanted, StringComparison.Ordinal))
                {
                    if (clock.Elapsed > timeout || (ended() && clock.Elapsed > TimeSpan.FromSeconds(1)))
                    {
                        return false;
                    }

                    Monitor.Wait(_text, 200);
                }

                return true;
            }
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }
}
