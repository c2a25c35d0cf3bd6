namespace SplitVmm.DesktopService.Bus.Book;

/// <summary>Hears what changes in a <see cref="MachineBook"/>; one call at a time, from any thread.</summary>
internal interface IBookReader
{
    void OnAdded(MachineEntry machine);

    void OnRemoved(MachineEntry machine);

    void OnChanged(MachineEntry before, MachineEntry now);

    /// <param name="isFinal">No new process follows.</param>
    /// <param name="text">One line for the user.</param>
    void OnCrashed(MachineEntry machine, string process, string text, bool isFinal);

    /// <param name="text">One line for the user.</param>
    void OnRecovered(MachineEntry machine, string process, string text);

    /// <param name="isOk">It ended as it was asked to, or the guest powered itself off.</param>
    /// <param name="text">One line for the user.</param>
    void OnEnded(MachineEntry machine, bool isOk, string text);
}
