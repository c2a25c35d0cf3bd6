using System.Buffers;
using System.Text;
using System.Text.Json;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>How a command that does one thing says what came of it: in a line, or as JSON on standard output.</summary>
/// <param name="json">An object with <c>ok</c> and <c>text</c> or <c>error</c>.</param>
internal sealed class CommandAnswer(bool json)
{
    /// <returns>The exit status.</returns>
    public int Done(string text)
    {
        string line = OneLine.Clean(text);
        OutputFile.StandardOutput.WriteLine(json ? Write(ok: true, "text", line) : line);
        return ExitStatus.AsAsked;
    }

    /// <returns>The exit status.</returns>
    public int Fail(string error)
    {
        string line = OneLine.Clean(error);
        if (json)
        {
            OutputFile.StandardOutput.WriteLine(Write(ok: false, "error", line));
        }
        else
        {
            OutputFile.StandardError.WriteLine($"splitvmm: {line}");
        }

        return ExitStatus.Failed;
    }

    private static string Write(bool ok, string name, string value)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ok", ok);
            writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
