using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Grpc.Core;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Launching;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Recording;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary><c>splitvmm record</c>: what a machine shows as a video, by an encoder that is installed.</summary>
internal sealed class RecordCommand
{
    private const int UsualRate = 10;
    private const int HighestRate = 60;

    private readonly Argument<string> _file = WordArgument.One("FILE", "where the video goes; its kind follows from the name, for example .mp4 or .webm");
    private readonly Option<string?> _name = MachineOptions.Name();
    private readonly Option<uint> _head = MachineOptions.Head();

    private readonly Option<int> _rate = ReadOption.Create<int>("--fps", "N", $"pictures a second, 1 to {HighestRate} ({UsualRate})", UsualRate, TryParseRate);

    private readonly Option<TimeSpan?> _time = ReadOption.Create<TimeSpan?>(
        "--seconds", "SECONDS", "end by itself after this time; otherwise Ctrl-C or the machine's end does", null, TryParseTime);

    private readonly Option<bool> _json = MachineOptions.Json();

    public RecordCommand()
    {
        Command = new Command("record", "Record what a machine shows as a video, by ffmpeg") { _file, _name, _head, _rate, _time, _json };
        Command.SetAction(result =>
        {
            var answer = new CommandAnswer(result.GetValue(_json));
            string file = Path.GetFullPath(result.GetValue(_file)!);
            if (VideoEncoder.Find() is not { } encoder)
            {
                return answer.Fail("recording needs ffmpeg, which is not installed: install the package ffmpeg");
            }

            using MachineConnection? connection = RunningMachines.Find(result.GetValue(_name), out string error);
            return connection is null
                ? answer.Fail(error)
                : Record(connection.Machine, encoder, file, result.GetValue(_head), result.GetValue(_rate), result.GetValue(_time), answer);
        });
    }

    public Command Command { get; }

    private static int Record(
        MachineControl.MachineControlClient machine, string program, string file, uint head, int rate, TimeSpan? time, CommandAnswer answer)
    {
        using var end = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, end);
        using PosixSignalRegistration terminate = EndOn(PosixSignal.SIGTERM, end);
        using PosixSignalRegistration hangUp = EndOn(PosixSignal.SIGHUP, end);
        using var pictures = new PictureTaker(machine, head);
        if (pictures.Take() is not { } first)
        {
            return answer.Fail(pictures.Problem);
        }

        using VideoEncoder encoder = VideoEncoder.Start(program, file, first.Width, first.Height, rate, pictures.PathOf("encoder.log"));
        var recorder = new ScreenRecorder(pictures.Take, () => pictures.IsMachineGone);
        recorder.Record(first, encoder, rate, time, end.Token);
        return encoder.Finish() is { } failure
            ? answer.Fail(failure)
            : answer.Done(string.Create(CultureInfo.InvariantCulture, $"wrote {file}: {recorder.Frames} pictures, {(double)recorder.Frames / rate:0.0} s"));
    }

    private static PosixSignalRegistration EndOn(PosixSignal signal, CancellationTokenSource end) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        end.Cancel();
    });

    private static bool TryParseRate(string text, out int rate, out string error)
    {
        bool right = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rate) && rate is >= 1 and <= HighestRate;
        error = right ? "" : $"--fps '{text}' is not a whole number from 1 to {HighestRate}";
        return right;
    }

    private static bool TryParseTime(string text, out TimeSpan? time, out string error)
    {
        bool right = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 1e6;
        time = right ? TimeSpan.FromSeconds(seconds) : null;
        error = right ? "" : $"--seconds '{text}' is not a number of seconds above 0";
        return right;
    }

    /// <summary>Screenshots of one head, by way of a folder that goes with this object.</summary>
    private sealed class PictureTaker(MachineControl.MachineControlClient machine, uint head) : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-record-").FullName;

        public bool IsMachineGone { get; private set; }

        /// <summary>Why there was no picture last time.</summary>
        public string Problem { get; private set; } = "";

        public string PathOf(string name) => Path.Combine(_folder, name);

        public RawPicture? Take()
        {
            string path = PathOf("picture.png");
            try
            {
                Outcome outcome = machine.TakeScreenshot(new ScreenshotRequest { Path = path, Head = head });
                Problem = outcome.Error.Length == 0 ? "display-process wrote no picture" : outcome.Error;
                return outcome.Error.Length == 0 && new FileInfo(path).Length <= PlainPng.LargestFile ? PlainPng.Read(File.ReadAllBytes(path)) : null;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Problem = failure.Message;
                return null;
            }
            catch (RpcException failure)
            {
                IsMachineGone = true;
                Problem = MachineActions.Explain(failure);
                return null;
            }
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
