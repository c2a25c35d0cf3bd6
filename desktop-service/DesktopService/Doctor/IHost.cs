namespace SplitVmm.DesktopService.Doctor;

/// <summary>Whether this user may read and write a file.</summary>
internal enum FileAccessState
{
    NotThere,
    Denied,
    Granted,
}

/// <summary>The host as the checks see it: they ask nothing else, so that tests can be any host.</summary>
internal interface IHost
{
    /// <summary>A small file; null: it is not there, or this user may not read it.</summary>
    string? ReadText(string path);

    /// <summary>A file, folder or device of that name.</summary>
    bool Exists(string path);

    /// <summary>Names in a folder, in order; empty where there is none.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Where a symbolic link points; null: it is none.</summary>
    string? LinkTarget(string path);

    FileAccessState Access(string path);

    /// <summary>Somebody listens on a Unix socket, and lets this user in.</summary>
    bool CanConnect(string socket);

    /// <summary>An environment variable; null: not set or empty.</summary>
    string? Variable(string name);

    /// <summary>Where a program of PATH is.</summary>
    string? FindProgram(string name);

    /// <summary>Null: bubblewrap makes namespaces here. Otherwise one line with the reason and the remedy.</summary>
    string? WhyNoNamespaces();

    /// <summary>For example 2.5.4; null: not installed.</summary>
    string? LibseccompVersion { get; }

    /// <summary>0: the kernel has none.</summary>
    int LandlockAbi { get; }
}
