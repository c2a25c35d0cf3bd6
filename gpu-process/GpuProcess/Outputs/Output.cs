namespace SplitVmm.GpuProcess.Outputs;

/// <summary>What the guest is told of the monitor on one scanout.</summary>
internal readonly record struct Output
{
    /// <summary>Whether a monitor is plugged in.</summary>
    public bool Enabled { get; init; }

    public uint Width { get; init; }

    public uint Height { get; init; }

    /// <summary>0 if unknown, as the height.</summary>
    public uint WidthMillimetres { get; init; }

    public uint HeightMillimetres { get; init; }

    public uint RefreshMillihertz { get; init; }
}
