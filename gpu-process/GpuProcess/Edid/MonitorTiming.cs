namespace SplitVmm.GpuProcess.Edid;

/// <summary>
/// A video timing by the formula of VESA CVT 1.2, reduced blanking version 1, but with the width as it is
/// instead of rounded to eight pixels: a window has any width.
/// </summary>
public readonly record struct MonitorTiming
{
    public const uint HorizontalFrontPorch = 48;
    public const uint HorizontalSync = 32;
    public const uint HorizontalBlank = 160;
    public const uint VerticalFrontPorch = 3;
    private const uint MinimumVerticalBackPorch = 6;
    private const double MinimumVerticalBlankMicroseconds = 460;

    private MonitorTiming(uint width, uint height, uint verticalSync, uint verticalBlank, ulong pixelClock)
    {
        Width = width;
        Height = height;
        VerticalSync = verticalSync;
        VerticalBlank = verticalBlank;
        PixelClock10Kilohertz = pixelClock;
    }

    public uint Width { get; }

    public uint Height { get; }

    /// <summary>Lines; CVT encodes the aspect ratio in it.</summary>
    public uint VerticalSync { get; }

    /// <summary>Lines, front porch and synchronisation included.</summary>
    public uint VerticalBlank { get; }

    /// <summary>Pixel clock in units of 10 kHz.</summary>
    public ulong PixelClock10Kilohertz { get; }

    public static MonitorTiming Create(uint width, uint height, uint refreshMillihertz)
    {
        double refresh = Math.Max(refreshMillihertz, 1000) / 1000.0;
        uint sync = VerticalSyncFor(width, height);
        double line = ((1_000_000 / refresh) - MinimumVerticalBlankMicroseconds) / height;
        uint least = VerticalFrontPorch + sync + MinimumVerticalBackPorch;
        // At rates above 2 kHz the blanking would not fit into the frame: the shortest allowed then has to do.
        uint blank = line > 0 ? Math.Max(least, (uint)Math.Min(4095, Math.Floor(MinimumVerticalBlankMicroseconds / line) + 1)) : least;
        double clock = refresh * (width + HorizontalBlank) * (height + blank) / 10_000;
        return new MonitorTiming(width, height, sync, blank, (ulong)Math.Max(1, Math.Round(clock)));
    }

    private static uint VerticalSyncFor(uint width, uint height)
    {
        if (IsAspect(width, height, 4, 3))
        {
            return 4;
        }

        if (IsAspect(width, height, 16, 9))
        {
            return 5;
        }

        if (IsAspect(width, height, 16, 10))
        {
            return 6;
        }

        return IsAspect(width, height, 5, 4) || IsAspect(width, height, 15, 9) ? 7u : 10u;
    }

    private static bool IsAspect(uint width, uint height, ulong across, ulong down) => width * down == height * across;
}
