using System.Diagnostics;

namespace SplitVmm.DesktopService.Recording;

/// <summary>
/// Takes pictures at an even pace and gives them to the encoder. Time in the video is time in the world: where a picture came
/// late the one before it is there longer.
/// </summary>
/// <param name="take">A picture now; null: there is none at the moment, and the last one goes on.</param>
/// <param name="isGone">The machine has ended.</param>
internal sealed class ScreenRecorder(Func<RawPicture?> take, Func<bool> isGone)
{
    /// <summary>Pictures that the encoder got.</summary>
    public int Frames { get; private set; }

    /// <summary>Records until the token, the time, the machine or the encoder ends it.</summary>
    /// <param name="first">The first picture, of the video's size.</param>
    /// <param name="time">Null: no limit.</param>
    public void Record(RawPicture first, VideoEncoder encoder, int framesPerSecond, TimeSpan? time, CancellationToken end)
    {
        RawPicture picture = first;
        long limit = time is { } seconds ? (long)Math.Ceiling(seconds.TotalSeconds * framesPerSecond) : long.MaxValue;
        var clock = Stopwatch.StartNew();
        while (!end.IsCancellationRequested && !isGone())
        {
            for (long due = Math.Min(limit, (long)(clock.Elapsed.TotalSeconds * framesPerSecond) + 1); Frames < due; Frames++)
            {
                if (!encoder.TryWrite(picture))
                {
                    return;
                }
            }

            TimeSpan left = TimeSpan.FromSeconds((double)Frames / framesPerSecond) - clock.Elapsed;
            if (Frames >= limit || (left > TimeSpan.Zero && end.WaitHandle.WaitOne(left)))
            {
                return;
            }

            picture = take()?.InFrame(first.Width, first.Height) ?? picture;
        }
    }
}
