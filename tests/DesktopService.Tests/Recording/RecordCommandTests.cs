using System.Text.RegularExpressions;
using SplitVmm.DesktopService.Tests.Runs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Recording;

/// <summary><c>splitvmm record</c> with an encoder that only keeps what it gets, and with the real one where it is installed.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class RecordCommandTests : IDisposable
{
    private const int FrameBytes = 64 * 48 * 3;

    private readonly StandInSession _session = new();

    private string Video => Path.Combine(_session.Folder, "video.mp4");

    [Fact]
    public void Record_Seconds_GivesTheEncoderThatManyPicturesOfTheHead()
    {
        Start("cat >\"$0.got\"; printf '%s\\n' \"$@\" >\"$0.arguments\"");

        RunResult result = _session.Ask("record", Video, "--seconds", "1.5", "--fps", "8", "--head", "2");

        Assert.Equal((0, $"wrote {Video}: 12 pictures, 1.5 s\n", ""), (result.ExitStatus, result.StandardOutput, result.StandardError));
        byte[] got = File.ReadAllBytes(Encoder + ".got");
        Assert.Equal(12 * FrameBytes, got.Length);
        Assert.Equal([2, 0x80, 0xFF], got[^3..]);
        string[] arguments = File.ReadAllLines(Encoder + ".arguments");
        Assert.Contains("64x48", arguments);
        Assert.Equal("file:" + Video, arguments[^1]);
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "splitvmm-record-*"));
    }

    [Fact]
    public void Record_UntilTheMachineEnds_FinishesTheVideo()
    {
        Start("cat >\"$0.got\"");
        using ChildProgram recording = ChildProgram.Start(StandInPrograms.SplitVmm, ["record", Video, "--json"], _session.Variables);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Encoder + ".got") && new FileInfo(Encoder + ".got").Length > 0, StandInRun.Limit));

        Assert.Equal(0, _session.Ask("stop", "desk", "--force").ExitStatus);

        RunResult result = recording.WaitForExit(StandInRun.Limit);
        Assert.Equal(0, result.ExitStatus);
        Assert.Matches($"^{{\"ok\":true,\"text\":\"wrote {Regex.Escape(Video)}: \\d+ pictures, \\d+\\.\\d s\"}}\n$", result.StandardOutput);
        Assert.Equal(0, new FileInfo(Encoder + ".got").Length % FrameBytes);
    }

    [Fact]
    public void Record_Interrupted_FinishesTheVideo()
    {
        Start("cat >\"$0.got\"");
        using ChildProgram recording = ChildProgram.Start(StandInPrograms.SplitVmm, ["record", Video], _session.Variables);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Encoder + ".got") && new FileInfo(Encoder + ".got").Length > 0, StandInRun.Limit));

        _ = ChildProgram.Run("kill", ["-INT", $"{recording.Pid}"], StandInRun.Limit);

        RunResult result = recording.WaitForExit(StandInRun.Limit);
        Assert.Equal((0, ""), (result.ExitStatus, result.StandardError));
        Assert.StartsWith($"wrote {Video}: ", result.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void Record_EncoderThatFails_IsOneLineWithItsLastWords()
    {
        Start("echo first; echo 'no such muxer' >&2; exit 7");

        RunResult result = _session.Ask("record", Video);

        Assert.Equal((1, "splitvmm: ffmpeg ended with status 7: no such muxer\n"), (result.ExitStatus, result.StandardError));
    }

    [Fact]
    public void Record_WithoutAnEncoder_NamesThePackage()
    {
        _session.Variables["PATH"] = _session.Folder;

        RunResult result = _session.Ask("record", Video);

        Assert.Equal((1, "splitvmm: recording needs ffmpeg, which is not installed: install the package ffmpeg\n"), (result.ExitStatus, result.StandardError));
    }

    [Theory]
    [InlineData("--fps", "0", "splitvmm: --fps '0' is not a whole number from 1 to 60; see splitvmm record --help\n")]
    [InlineData("--seconds", "-1", "splitvmm: --seconds '-1' is not a number of seconds above 0; see splitvmm record --help\n")]
    public void Record_WrongNumber_IsWrongUsage(string option, string value, string error)
    {
        RunResult result = _session.Ask("record", Video, option, value);

        Assert.Equal((2, error), (result.ExitStatus, result.StandardError));
    }

    [Fact]
    public void Record_ByTheRealEncoder_IsAVideoOfThatLength()
    {
        string probe = Needs.Program("ffprobe", "ffmpeg");
        Start(null);

        RunResult result = _session.Ask("record", Video, "--seconds", "2", "--fps", "5");
        Assert.True(result.ExitStatus == 0, result.StandardError);

        RunResult facts = ChildProgram.Run(
            probe, ["-v", "error", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames:format=duration", "-of", "csv=p=0", Video], StandInRun.Limit);
        Assert.Equal("64,48,10\n2.000000\n", facts.StandardOutput);
    }

    public void Dispose() => _session.Dispose();

    private string Encoder => Path.Combine(_session.Folder, "bin", "ffmpeg");

    /// <param name="script">Of an encoder that stands before the real one; null: none does.</param>
    private void Start(string? script)
    {
        if (script is not null)
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(Encoder)!);
            File.WriteAllText(Encoder, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(Encoder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            _session.Variables["PATH"] = $"{Path.GetDirectoryName(Encoder)}:{Environment.GetEnvironmentVariable("PATH")}";
        }

        _session.Define("desk");
        Assert.Equal(0, _session.Ask("start", "desk").ExitStatus);
    }
}
