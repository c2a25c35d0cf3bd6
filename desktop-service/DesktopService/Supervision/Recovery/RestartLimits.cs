namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>How often and how soon a process that dies is started again.</summary>
/// <param name="Crashes">Deaths within the window that are survived; one more is final. 0: none is.</param>
/// <param name="Window">The time over which they are counted.</param>
/// <param name="LongestDelay">The most that a start is put off.</param>
internal sealed record RestartLimits(int Crashes, TimeSpan Window, TimeSpan LongestDelay)
{
    /// <summary>A driver's rare crash goes by; a guest that crashes the renderer at will does not keep the host busy.</summary>
    public static RestartLimits Default { get; } = new(5, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(2));

    /// <summary>
    /// Reads <c>COUNT/SECONDS[,max-delay=MS]</c>.
    /// </summary>
    /// <param name="error">One line with the remedy.</param>
    public static bool TryParse(string text, out RestartLimits limits, out string error)
    {
        const int Most = 1_000_000;
        limits = Default;
        error = $"crash quota '{text}' is not COUNT/SECONDS[,max-delay=MILLISECONDS], for example {Default}";
        string[] parts = text.Split(',');
        string[] quota = parts[0].Split('/');
        if (parts.Length > 2 || quota.Length != 2 || !TryRead(quota[0], 0, Most, out int crashes) || !TryRead(quota[1], 1, Most, out int seconds))
        {
            return false;
        }

        TimeSpan delay = Default.LongestDelay;
        if (parts.Length == 2)
        {
            const string Key = "max-delay=";
            if (!parts[1].StartsWith(Key, StringComparison.Ordinal) || !TryRead(parts[1][Key.Length..], 0, Most, out int milliseconds))
            {
                return false;
            }

            delay = TimeSpan.FromMilliseconds(milliseconds);
        }

        limits = new RestartLimits(crashes, TimeSpan.FromSeconds(seconds), delay);
        error = "";
        return true;
    }

    public override string ToString() => FormattableString.Invariant($"{Crashes}/{Window.TotalSeconds:0}");

    private static bool TryRead(string text, int least, int most, out int number) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number)
        && number >= least && number <= most;
}
