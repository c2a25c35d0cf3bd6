using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Recording;

/// <summary>ffmpeg as the user's own program, which is fed pixels and writes a video of one size.</summary>
internal sealed class VideoEncoder : IDisposable
{
    private const string Program = "ffmpeg";

    /// <summary>For what it holds back when the last picture has come.</summary>
    private static readonly TimeSpan LastStep = TimeSpan.FromMinutes(1);

    private readonly ChildProcess _child;
    private readonly Descriptor _pipe;
    private readonly FileStream _input;
    private readonly string _log;

    private VideoEncoder(ChildProcess child, Descriptor pipe, string log)
    {
        _child = child;
        _pipe = pipe;
        _log = log;
        _input = new FileStream(new SafeFileHandle(pipe.Number, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    }

    /// <summary>Where the program is; null: it is not installed.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);

    /// <param name="program">From <see cref="Find"/>.</param>
    /// <param name="file">What it writes; the kind of file follows from the name.</param>
    /// <param name="log">A new file for what it has to say.</param>
    public static VideoEncoder Start(string program, string file, int width, int height, int framesPerSecond, string log)
    {
        string rate = framesPerSecond.ToString(CultureInfo.InvariantCulture);
        // Half of the colours' resolution is what every player knows, and it needs even sides.
        string[] arguments =
        [
            "-hide_banner", "-loglevel", "error", "-y",
            "-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"),
            "-framerate", rate, "-i", "pipe:0",
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-r", rate, "file:" + file,
        ];
        Pipe pipe = Pipe.Create();
        using Descriptor readEnd = pipe.ReadEnd;
        using Descriptor nothing = OpenFile.Null();
        using Descriptor errors = OpenFile.ForWriting(log);
        return new VideoEncoder(PosixSpawn.Start(new SpawnRequest(program, arguments, [readEnd, nothing, errors])), pipe.WriteEnd, log);
    }

    /// <summary>False: it has ended, and <see cref="Finish"/> says why.</summary>
    public bool TryWrite(RawPicture picture)
    {
        try
        {
            _input.Write(picture.Pixels);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Lets it write what it still has, and waits for its end.</summary>
    /// <returns>Null, or one line that says why there is no video.</returns>
    public string? Finish()
    {
        _input.Dispose();
        _pipe.Dispose();
        ExitStatus status = _child.Reap(LastStep);
        string? said = File.ReadLines(_log).LastOrDefault(line => line.Trim().Length > 0);
        return status.IsSuccess ? null : $"{Program} {status}{(said is null ? "" : $": {said.Trim()}")}";
    }

    public void Dispose()
    {
        _input.Dispose();
        _pipe.Dispose();
        _child.Dispose();
    }
}
