namespace SplitVmm.GpuProcess.Edid;

/// <summary>What a monitor's EDID is to say.</summary>
/// <param name="Width">Preferred width in pixels, 1 to 65535.</param>
/// <param name="Height">Preferred height in pixels, 1 to 65535.</param>
/// <param name="RefreshMillihertz">Preferred refresh rate in thousandths of a hertz.</param>
/// <param name="WidthMillimetres">Physical width; 0 if unknown.</param>
/// <param name="HeightMillimetres">Physical height; 0 if unknown.</param>
/// <param name="SerialNumber">Tells the monitors of one machine apart.</param>
public readonly record struct EdidParameters(
    uint Width,
    uint Height,
    uint RefreshMillihertz,
    uint WidthMillimetres,
    uint HeightMillimetres,
    uint SerialNumber)
{
    // A desktop monitor's usual density, for outputs that do not know their size.
    private const double MillimetresPerPixel = 25.4 / 96;

    /// <summary>The physical width, or one that fits the pixels at 96 per inch.</summary>
    public uint PresentedWidthMillimetres =>
        WidthMillimetres != 0 ? WidthMillimetres : (uint)Math.Round(Width * MillimetresPerPixel);

    /// <summary>The physical height, or one that fits the pixels at 96 per inch.</summary>
    public uint PresentedHeightMillimetres =>
        HeightMillimetres != 0 ? HeightMillimetres : (uint)Math.Round(Height * MillimetresPerPixel);
}
