namespace SplitVmm.Wires.Display;

/// <summary>Flags of a <see cref="ScanoutConfiguration"/>.</summary>
[Flags]
public enum ScanoutFlags : uint
{
    None = 0,

    /// <summary>
    /// The first row in memory is the top row of the picture. Always so for 2D resources. Without it the first
    /// row is the bottom one, as OpenGL has it, and the sink turns the picture over.
    /// </summary>
    Y0Top = 1,
}
