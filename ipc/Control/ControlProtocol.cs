namespace SplitVmm.Control;

/// <summary>Numbers that both ends of a control connection agree on.</summary>
public static class ControlProtocol
{
    /// <summary>Raised by every change of the .proto files that an older peer would misunderstand.</summary>
    public const uint Version = 1;

    /// <summary>Bytes of one message at most, either way. No pixel and no descriptor goes this way.</summary>
    public const int MaxMessageSize = 64 * 1024;

    /// <summary>What the user reads when the two ends are of different builds.</summary>
    public static string DescribeMismatch(string process, uint theirs) =>
        $"{process} speaks control protocol {theirs} and splitvmm speaks {Version}: "
        + "they come from different builds; install all four programs from the same one";
}
