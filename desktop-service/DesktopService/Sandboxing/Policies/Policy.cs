using SplitVmm.Sandbox;

namespace SplitVmm.DesktopService.Sandboxing.Policies;

/// <summary>One file of <c>packaging/sandbox</c>: what one process is left with.</summary>
internal sealed record Policy
{
    /// <summary>The executable that it is for.</summary>
    public required string Program { get; init; }

    /// <summary>Nothing that the process writes may ever be executed.</summary>
    public bool RefuseExecutableMemory { get; init; }

    /// <summary>Folders and files of the host, as far as they exist; the process may read and execute them.</summary>
    public IReadOnlyList<string> ReadOnly { get; init; } = [];

    /// <summary>Device nodes, as far as they exist.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Variables that are passed on if they are set. All others are taken away.</summary>
    public IReadOnlyList<string> PassedVariables { get; init; } = [];

    /// <summary>Variables that are set.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> SetVariables { get; init; } = [];

    public IReadOnlyList<ResourceLimit> Limits { get; init; } = [];

    public IReadOnlyList<CallGroup> Groups { get; init; } = [];

    /// <summary>What of it holds on one host.</summary>
    /// <param name="hasDevice">Whether that host has a device, by its path.</param>
    public Policy On(Predicate<string> hasDevice) => this with
    {
        Groups = [.. Groups.Where(group =>
            (group.With is null || hasDevice(group.With)) && (group.Without is null || !hasDevice(group.Without)))],
    };

    /// <summary>Names of the system calls that are left once the process serves, each once.</summary>
    public IEnumerable<string> AllowedCalls =>
        Groups.Where(group => group.Kind == CallGroupKind.Allow).SelectMany(group => group.Calls).Select(call => call.Name).Distinct();
}
