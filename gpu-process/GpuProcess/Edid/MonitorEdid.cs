namespace SplitVmm.GpuProcess.Edid;

/// <summary>
/// Makes the EDID of a virtual monitor: a base block, and a DisplayID extension where the wanted timing is too
/// large for it.
/// </summary>
public static class MonitorEdid
{
    /// <summary>Bytes of the longest EDID made here.</summary>
    public const int MaxSize = EdidBaseBlock.Size + DisplayIdExtension.Size;

    /// <summary>Writes the EDID.</summary>
    /// <param name="edid">At least <see cref="MaxSize"/> bytes.</param>
    /// <returns>How many bytes were written: 128 or 256.</returns>
    public static int Write(Span<byte> edid, in EdidParameters parameters)
    {
        MonitorTiming wanted = MonitorTiming.Create(parameters.Width, parameters.Height, parameters.RefreshMillihertz);
        if (EdidBaseBlock.CanHold(wanted))
        {
            EdidBaseBlock.Write(edid[..EdidBaseBlock.Size], parameters, wanted, extensions: 0);
            return EdidBaseBlock.Size;
        }

        // EDID 1.4 wants a first detailed timing all the same: what a reader without DisplayID should use.
        MonitorTiming modest = MonitorTiming.Create(1920, 1080, 60_000);
        EdidBaseBlock.Write(edid[..EdidBaseBlock.Size], parameters, modest, extensions: 1);
        DisplayIdExtension.Write(edid.Slice(EdidBaseBlock.Size, DisplayIdExtension.Size), parameters, wanted);
        return MaxSize;
    }
}
