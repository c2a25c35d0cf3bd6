namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>What follows a death.</summary>
/// <param name="Restarts">False: the quota is exceeded, and nothing follows.</param>
/// <param name="Delay">How long to wait before the start.</param>
/// <param name="Crashes">Deaths within the window, this one included.</param>
internal readonly record struct RestartDecision(bool Restarts, TimeSpan Delay, int Crashes);
