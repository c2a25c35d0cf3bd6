namespace SplitVmm.DesktopService.Launching;

/// <summary>What outlives machines: <c>$XDG_STATE_HOME/splitvmm</c>, its owner's alone.</summary>
/// <remarks>XDG Base Directory Specification.</remarks>
internal static class StateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static string Root
    {
        get
        {
            string? chosen = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            string state = Path.IsPathRooted(chosen)
                ? chosen
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
            return Path.Combine(state, "splitvmm");
        }
    }

    /// <summary>What the last run of a machine in the background printed.</summary>
    public static string LogOf(string name) => Path.Combine(Root, name + ".log");

    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Make()
    {
        try
        {
            _ = Directory.CreateDirectory(Root, OwnerOnly);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }
    }
}
