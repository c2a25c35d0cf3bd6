"""The machine as it stands on the session bus."""

import socket

from gi.repository import Gio, GLib

NAME = "org.qemu"
MACHINE_GONE = "org.freedesktop.DBus.Error.ServiceUnknown"
MILLISECONDS_TO_ANSWER = 30_000


class Bus:
    """What a viewer calls there."""

    def __init__(self):
        self.connection = Gio.bus_get_sync(Gio.BusType.SESSION, None)

    def register(self, console):
        """Gives the display one end of a pair of sockets; the other end is the answer."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            fds = Gio.UnixFDList.new()
            handle = fds.append(theirs.fileno())
            self.connection.call_with_unix_fd_list_sync(
                NAME, path_of(console), "org.qemu.Display1.Console", "RegisterListener", GLib.Variant("(h)", (handle,)), None,
                Gio.DBusCallFlags.NONE, MILLISECONDS_TO_ANSWER, fds, None)
            return ours.detach()

    def call(self, console, member, *numbers):
        """Calls for example Keyboard.Press, whose arguments are all unsigned."""
        interface, _, method = member.rpartition(".")
        self.connection.call_sync(
            NAME, path_of(console), "org.qemu.Display1." + interface, method, GLib.Variant(f"({'u' * len(numbers)})", numbers), None,
            Gio.DBusCallFlags.NONE, MILLISECONDS_TO_ANSWER, None)


def path_of(console):
    return f"/org/qemu/Display1/Console_{console}"
