using SplitVmm.Control.Protocol;

namespace SplitVmm.ControlServer.Sessions;

/// <summary>The supervisor's end of one process's control connection, whatever its privilege.</summary>
public interface IControlSession
{
    /// <summary>Ends with the hello that was welcomed; fails with <see cref="IOException"/> if none ever is.</summary>
    Task<Hello> Attached { get; }

    /// <summary>Ends when the connection has ended, never fails. The text is one line that says how.</summary>
    Task<string> Ended { get; }

    /// <summary>The process's own account of why it ends, if it gave one.</summary>
    string? Failure { get; }

    /// <summary>What the process says it has given up; null before it has. Set before its report that it is ready.</summary>
    SandboxReport? Sandbox { get; }

    /// <summary>Asks the process to end in good order.</summary>
    /// <returns>False if there is no connection to ask over.</returns>
    bool Quit();

    /// <summary>Asks for a sign of life from the process's event loop.</summary>
    /// <returns>The time it took; null if none came in time, or the connection ended before.</returns>
    Task<TimeSpan?> PingAsync(TimeSpan timeout);

    /// <summary>Cuts the connection.</summary>
    void Close();
}
