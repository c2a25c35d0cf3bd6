using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// Where the pointer is in a window on Wayland, in fractions of a point. SDL 2 cuts them off, and says nothing at all of a pointer that
/// moves within a point, which is several pixels on a dense screen. So the desktop's pointer is asked for a second time, on the
/// connection that SDL has; each of its places becomes an event in SDL's queue.
/// </summary>
internal static unsafe class WaylandPointer
{
    private const double FixedOne = 256;

    private static readonly nint[] s_registryEvents = Pinned(
        (nint)(delegate* unmanaged[Cdecl]<nint, nint, uint, nint, uint, void>)&OnGlobal,
        (nint)(delegate* unmanaged[Cdecl]<nint, nint, uint, void>)&OnGlobalRemove);

    private static readonly nint[] s_seatEvents = Pinned(
        (nint)(delegate* unmanaged[Cdecl]<nint, nint, uint, void>)&OnCapabilities);

    private static readonly nint[] s_pointerEvents = Pinned(
        (nint)(delegate* unmanaged[Cdecl]<nint, nint, uint, nint, int, int, void>)&OnEnter,
        (nint)(delegate* unmanaged[Cdecl]<nint, nint, uint, nint, void>)&OnLeave,
        (nint)(delegate* unmanaged[Cdecl]<nint, nint, uint, int, int, void>)&OnMotion,
        (nint)(delegate* unmanaged[Cdecl]<nint, nint, uint, uint, uint, uint, void>)&OnButton,
        (nint)(delegate* unmanaged[Cdecl]<nint, nint, uint, uint, int, void>)&OnAxis);

    private static readonly Dictionary<nint, nint> s_pointerOfSeat = [];
    private static readonly Dictionary<nint, uint> s_windowOfSurface = [];
    private static readonly Dictionary<nint, uint> s_windowUnder = [];
    private static readonly nint s_registryInterface = LibWaylandClient.Interface("wl_registry_interface");
    private static readonly nint s_seatInterface = LibWaylandClient.Interface("wl_seat_interface");
    private static readonly nint s_pointerInterface = LibWaylandClient.Interface("wl_pointer_interface");
    private static uint s_eventType;

    /// <summary>Asks for the desktop's pointers, from now to the end of the process.</summary>
    /// <param name="windows">In which the places are told; one at least.</param>
    /// <returns>The type of the SDL events that tell them; null: they cannot be had.</returns>
    public static uint? Follow(IReadOnlyList<SdlWindowHandle> windows)
    {
        SDL_SysWMinfo info = default;
        Sdl2.SDL_GetVersion(&info.Version);
        if (s_registryInterface == 0 || s_seatInterface == 0 || s_pointerInterface == 0)
        {
            return null;
        }

        foreach (SdlWindowHandle window in windows)
        {
            if (Sdl2.SDL_GetWindowWMInfo(window, &info) == 0 || info.Subsystem != SDL_SysWMinfo.SDL_SYSWM_WAYLAND)
            {
                return null;
            }

            s_windowOfSurface[info.WaylandSurface] = Sdl2.SDL_GetWindowID(window);
        }

        s_eventType = Sdl2.SDL_RegisterEvents(1);
        if (s_eventType == uint.MaxValue)
        {
            return null;
        }

        nint newObject = 0;
        nint registry = LibWaylandClient.wl_proxy_marshal_array_constructor_versioned(
            info.WaylandDisplay, LibWaylandClient.WL_DISPLAY_GET_REGISTRY, &newObject, s_registryInterface, 1);
        Listen(registry, s_registryEvents);
        return s_eventType;
    }

    /// <summary>The place in such an event, in points of its window.</summary>
    public static (double X, double Y) Place(in SDL_Event item) => (item.UserCode / FixedOne, item.UserData / FixedOne);

    // libwayland keeps the address.
    private static nint[] Pinned(params ReadOnlySpan<nint> functions)
    {
        nint[] table = GC.AllocateUninitializedArray<nint>(functions.Length, pinned: true);
        functions.CopyTo(table);
        return table;
    }

    private static void Listen(nint proxy, nint[] events)
    {
        if (proxy != 0)
        {
            _ = LibWaylandClient.wl_proxy_add_listener(proxy, (nint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(events)), 0);
        }
    }

    private static void Tell(nint pointer, int x, int y)
    {
        // Frames that the client draws have surfaces of their own.
        if (s_windowUnder.TryGetValue(pointer, out uint window))
        {
            var item = new SDL_Event { Type = s_eventType, WindowId = window, UserCode = x, UserData = y };
            _ = Sdl2.SDL_PushEvent(&item);
        }
    }

    // All below are called by libwayland, on SDL's thread, while SDL looks for events.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnGlobal(nint data, nint registry, uint name, nint type, uint version)
    {
        nint seatName = *(nint*)s_seatInterface;
        if (Marshal.PtrToStringUTF8(type) == Marshal.PtrToStringUTF8(seatName))
        {
            // The first version: its objects have the events above and no others.
            nint* arguments = stackalloc nint[] { (nint)name, seatName, 1, 0 };
            Listen(
                LibWaylandClient.wl_proxy_marshal_array_constructor_versioned(
                    registry, LibWaylandClient.WL_REGISTRY_BIND, arguments, s_seatInterface, 1),
                s_seatEvents);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnGlobalRemove(nint data, nint registry, uint name)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCapabilities(nint data, nint seat, uint capabilities)
    {
        bool has = (capabilities & LibWaylandClient.WL_SEAT_CAPABILITY_POINTER) != 0;
        if (!has && s_pointerOfSeat.Remove(seat, out nint gone))
        {
            s_windowUnder.Remove(gone);
            LibWaylandClient.wl_proxy_destroy(gone);
        }
        else if (has && !s_pointerOfSeat.ContainsKey(seat))
        {
            nint newObject = 0;
            nint pointer = LibWaylandClient.wl_proxy_marshal_array_constructor_versioned(
                seat, LibWaylandClient.WL_SEAT_GET_POINTER, &newObject, s_pointerInterface, 1);
            if (pointer != 0)
            {
                s_pointerOfSeat[seat] = pointer;
                Listen(pointer, s_pointerEvents);
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnEnter(nint data, nint pointer, uint serial, nint surface, int x, int y)
    {
        if (s_windowOfSurface.TryGetValue(surface, out uint window))
        {
            s_windowUnder[pointer] = window;
            Tell(pointer, x, y);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLeave(nint data, nint pointer, uint serial, nint surface) => s_windowUnder.Remove(pointer);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMotion(nint data, nint pointer, uint time, int x, int y) => Tell(pointer, x, y);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnButton(nint data, nint pointer, uint serial, uint time, uint button, uint state)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAxis(nint data, nint pointer, uint time, uint axis, int value)
    {
    }
}
