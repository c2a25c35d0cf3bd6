using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SplitVmm.Harness;

namespace SplitVmm.Lab.Tests;

/// <summary>What <c>scripts/drive</c> brought back from one run of a guest in the lab.</summary>
internal sealed partial class GuestRun
{
    private GuestRun(string folder, JsonElement report)
    {
        Folder = folder;
        Console = File.ReadAllText(Path.Combine(folder, "console.log"));
        ExitStatus = report.GetProperty("status").GetInt32();
        TimedOut = report.GetProperty("timed_out").GetBoolean();
        ProcessesLeft = Strings(report, "processes_left");
        FilesLeft = Strings(report, "files_left");
        JsonElement gone = report.GetProperty("gone_after_seconds");
        GoneAfterSeconds = gone.ValueKind == JsonValueKind.Null ? double.PositiveInfinity : gone.GetDouble();
    }

    /// <summary>The folder under <c>out/tests/</c> with console.log and the shots.</summary>
    public string Folder { get; }

    /// <summary>Every line of the guest's console and of the monitor's standard error, with its time.</summary>
    public string Console { get; }

    public int ExitStatus { get; }

    public bool TimedOut { get; }

    public string[] ProcessesLeft { get; }

    public string[] FilesLeft { get; }

    /// <summary>From the monitor's own end to that of its last process.</summary>
    public double GoneAfterSeconds { get; }

    public static GuestRun Load(string folder, RunResult result)
    {
        string report = result.StandardOutput.Trim().Split('\n')[^1];
        try
        {
            return new GuestRun(folder, JsonDocument.Parse(report).RootElement);
        }
        catch (JsonException)
        {
            throw new InvalidDataException(
                $"the run in the lab gave no report (status {result.ExitStatus}):\n{result.StandardOutput}\n{result.StandardError}");
        }
    }

    public Picture Shot(string name) => Picture.Load(Path.Combine(Folder, "shots", name + ".png"));

    /// <summary>Seconds from the start of the monitor to the first console line that contains the text.</summary>
    /// <exception cref="InvalidDataException">No line does; the message holds the whole console.</exception>
    public double SecondsTo(string text) => TimesOf(text)[0];

    /// <summary>The same to the last such line.</summary>
    /// <exception cref="InvalidDataException">No line does; the message holds the whole console.</exception>
    public double LastSecondsTo(string text) => TimesOf(text)[^1];

    /// <summary>The first group of the pattern's first match on the console.</summary>
    public string Find(string pattern)
    {
        Match match = Regex.Match(Console, pattern, RegexOptions.Multiline);
        return match.Success
            ? match.Groups[1].Value
            : throw new InvalidDataException($"nothing on the console matches '{pattern}':\n{Console}");
    }

    public int Count(string text) => Regex.Count(Console, Regex.Escape(text));

    private double[] TimesOf(string text)
    {
        double[] times =
        [
            .. Console.Split('\n').Where(line => line.Contains(text, StringComparison.Ordinal))
                .Select(line => double.Parse(LineTime().Match(line).Groups[1].Value, CultureInfo.InvariantCulture)),
        ];
        return times.Length > 0 ? times : throw new InvalidDataException($"the console never showed '{text}':\n{Console}");
    }

    private static string[] Strings(JsonElement report, string name) =>
        [.. report.GetProperty(name).EnumerateArray().Select(item => item.GetString()!)];

    [GeneratedRegex(@"^\[ *([0-9.]+)\]")]
    private static partial Regex LineTime();
}
