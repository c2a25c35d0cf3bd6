namespace SplitVmm.Sandbox;

/// <summary>What a process may do with a file, or with all files below a folder.</summary>
public enum FileUse : byte
{
    /// <summary>Read, list, execute.</summary>
    Read,

    /// <summary>Read, write, make and remove ordinary files, make folders; nothing else.</summary>
    Write,

    /// <summary>Read, write and <c>ioctl</c>.</summary>
    Device,

    /// <summary>Read and list. For a program that may execute, but only what is granted as <see cref="Read"/>.</summary>
    Look,
}

/// <summary>One entry of a plan's list of files.</summary>
/// <param name="Path">As the caged process sees it. One that does not exist is left out.</param>
/// <param name="Use">All that is allowed there.</param>
public sealed record FileGrant(string Path, FileUse Use);
