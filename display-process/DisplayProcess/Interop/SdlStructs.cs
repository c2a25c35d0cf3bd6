using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary><c>SDL_Rect</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct SDL_Rect
{
    [FieldOffset(0)] public int X;
    [FieldOffset(4)] public int Y;
    [FieldOffset(8)] public int W;
    [FieldOffset(12)] public int H;
}

/// <summary><c>SDL_DisplayMode</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct SDL_DisplayMode
{
    [FieldOffset(0)] public uint Format;
    [FieldOffset(4)] public int W;
    [FieldOffset(8)] public int H;

    /// <summary>Hertz, 0 if unknown.</summary>
    [FieldOffset(12)] public int RefreshRate;

    [FieldOffset(16)] public nint DriverData;
}

/// <summary>The part of <c>SDL_RendererInfo</c> (88 bytes) that is read here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct SDL_RendererInfo
{
    /// <summary>A C string that belongs to SDL.</summary>
    [FieldOffset(0)] public nint Name;

    [FieldOffset(8)] public uint Flags;
}

/// <summary><c>SDL_SysWMinfo</c> (72 bytes) of a window on Wayland.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct SDL_SysWMinfo
{
    public const int SDL_SYSWM_WAYLAND = 6;

    /// <summary>Set by the caller.</summary>
    [FieldOffset(0)] public SDL_version Version;

    [FieldOffset(4)] public int Subsystem;

    /// <summary><c>wl_display</c>.</summary>
    [FieldOffset(8)] public nint WaylandDisplay;

    /// <summary><c>wl_surface</c>.</summary>
    [FieldOffset(16)] public nint WaylandSurface;
}

/// <summary><c>SDL_version</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3)]
internal struct SDL_version
{
    [FieldOffset(0)] public byte Major;
    [FieldOffset(1)] public byte Minor;
    [FieldOffset(2)] public byte Patch;
}
