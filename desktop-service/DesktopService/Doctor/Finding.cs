namespace SplitVmm.DesktopService.Doctor;

/// <summary>How something stands on this host. The words of <see cref="FindingStates.Word"/> are those of the JSON.</summary>
internal enum FindingState
{
    /// <summary>As it should be.</summary>
    Works,

    /// <summary>There, but with less than it could have; machines run.</summary>
    Limited,

    /// <summary>Not there, or not usable.</summary>
    Missing,

    /// <summary>This version of SplitVmm has no use for it yet, whatever the host has.</summary>
    NotYet,

    /// <summary>It could not be found out.</summary>
    Unknown,
}

internal static class FindingStates
{
    public static string Word(this FindingState state) => state switch
    {
        FindingState.Works => "works",
        FindingState.Limited => "limited",
        FindingState.Missing => "missing",
        FindingState.NotYet => "not yet",
        _ => "unknown",
    };
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Id">For programs: stable, unique among all findings of an examination.</param>
/// <param name="Title">For people, a few letters.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedies">What to do about it, each a package, an option or a command; empty: nothing to be done.</param>
internal sealed record Finding(string Id, string Title, FindingState State, string Text, params IReadOnlyList<string> Remedies)
{
    public static Finding Works(string id, string title, string text) => new(id, title, FindingState.Works, text);

    public static Finding Limited(string id, string title, string text, params IReadOnlyList<string> remedies) =>
        new(id, title, FindingState.Limited, text, remedies);

    public static Finding Missing(string id, string title, string text, params IReadOnlyList<string> remedies) =>
        new(id, title, FindingState.Missing, text, remedies);

    public static Finding Unknown(string id, string title, string text) => new(id, title, FindingState.Unknown, text);
}

/// <summary>Findings that belong together.</summary>
internal sealed record Section(string Id, string Title, IReadOnlyList<Finding> Findings);
