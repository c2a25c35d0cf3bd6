namespace SplitVmm.Wires.Display;

/// <summary>How pixels lie in a buffer, by the 64-bit numbers of <c>drm_fourcc.h</c>. All others are a driver's own.</summary>
public static class DrmModifiers
{
    /// <summary>Rows one after the other. Always one plane, for the formats of <see cref="DrmFourcc"/>.</summary>
    public const ulong DRM_FORMAT_MOD_LINEAR = 0;

    /// <summary>"Nobody says": refused on the wire, which has to say it.</summary>
    public const ulong DRM_FORMAT_MOD_INVALID = 0x00FF_FFFF_FFFF_FFFF;
}
