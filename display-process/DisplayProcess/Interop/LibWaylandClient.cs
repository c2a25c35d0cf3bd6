using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary>libwayland-client (<c>wayland-client-core.h</c>), which SDL has loaded where it shows windows on Wayland.</summary>
internal static unsafe partial class LibWaylandClient
{
    private const string Library = "libwayland-client.so.0";

    // Requests, by their places in wayland.xml.
    public const uint WL_DISPLAY_GET_REGISTRY = 1;
    public const uint WL_REGISTRY_BIND = 0;
    public const uint WL_SEAT_GET_POINTER = 0;

    public const uint WL_SEAT_CAPABILITY_POINTER = 1;

    /// <summary>Sends a request that makes an object.</summary>
    /// <param name="arguments">A union of eight bytes for each; that of the new object is 0.</param>
    /// <param name="interface">Of the new object.</param>
    /// <returns>The new object, on the queue of the one that it was asked of; 0 without memory.</returns>
    [LibraryImport(Library)]
    public static partial nint wl_proxy_marshal_array_constructor_versioned(
        nint proxy, uint opcode, nint* arguments, nint @interface, uint version);

    /// <param name="implementation">A function for each event of the object's version; stays where it is.</param>
    [LibraryImport(Library)]
    public static partial int wl_proxy_add_listener(nint proxy, nint* implementation, nint data);

    [LibraryImport(Library)]
    public static partial void wl_proxy_destroy(nint proxy);

    /// <summary>A <c>wl_interface</c>, for example <c>wl_seat_interface</c>; its first member is the interface's name.</summary>
    /// <returns>0 if there is none.</returns>
    public static nint Interface(string symbol) =>
        NativeLibrary.TryLoad(Library, out nint library) && NativeLibrary.TryGetExport(library, symbol, out nint address) ? address : 0;
}
