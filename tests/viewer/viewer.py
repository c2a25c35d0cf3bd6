#!/usr/bin/env python3
"""A viewer of QEMU's D-Bus display, by GLib's implementation of D-Bus (python3-gi).

viewer.py --fd N [options]         the socket is inherited, as the display has its other end
viewer.py --console N [options]    registers itself at org.qemu on the session bus

Each call of the display is a line of JSON on standard output. "picture" is the CRC-32 of what the viewer shows after
it: three bytes a pixel, red, green, blue, row by row.
"""

import argparse
import errno
import fcntl
import json
import mmap
import os
import socket
import sys
import zlib

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

PATH = "/org/qemu/Display1/Listener"
LISTENER = "org.qemu.Display1.Listener"
MAP = LISTENER + ".Unix.Map"
DMABUF2 = LISTENER + ".Unix.ScanoutDMABUF2"
PIXMAN_X8R8G8B8 = 0x20020888

METHODS = {
    LISTENER: {
        "Scanout": "u u u u ay",
        "Update": "i i i i u u ay",
        "ScanoutDMABUF": "h u u u u t b",
        "UpdateDMABUF": "i i i i",
        "Disable": "",
        "MouseSet": "i i i",
        "CursorDefine": "i i i i ay",
    },
    MAP: {"ScanoutMap": "h u u u u u", "UpdateMap": "i i i i"},
    DMABUF2: {"ScanoutDMABUF2": "ah u u u u au au u u u u t b"},
}


def interface(name):
    """The interface as GLib wants it described."""
    methods = ""
    for method, types in METHODS[name].items():
        arguments = "".join(f'<arg direction="in" type="{one}"/>' for one in types.split())
        methods += f'<method name="{method}">{arguments}</method>'
    properties = '<property name="Interfaces" type="as" access="read"/>' if name == LISTENER else ""
    return Gio.DBusNodeInfo.new_for_xml(f'<node><interface name="{name}">{methods}{properties}</interface></node>').interfaces[0]


class Viewer:
    """What is seen."""

    def __init__(self, options):
        self.options = options
        self.width = self.height = self.stride = 0
        self.pixels = bytearray()
        self.mapping = None
        self.loop = GLib.MainLoop()

    def tell(self, call, **facts):
        print(json.dumps({"call": call, **facts}), flush=True)

    def picture(self):
        data = self.mapping if self.mapping else self.pixels
        colours = bytearray(self.width * 3)
        crc = 0
        for row in range(self.height):
            line = data[row * self.stride:row * self.stride + self.width * 4]
            colours[0::3], colours[1::3], colours[2::3] = line[2::4], line[1::4], line[0::4]
            crc = zlib.crc32(colours, crc)
        return f"{crc:08x}"

    def take(self, x, y, width, height, stride, data):
        for row in range(height):
            at = (y + row) * self.stride + x * 4
            self.pixels[at:at + width * 4] = data[row * stride:row * stride + width * 4]

    def on_call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        if method in self.options.refuse:
            self.tell(method, refused=True)
            invocation.return_dbus_error("org.example.Refused", "the test wants it so")
            return
        handler = getattr(self, "on_" + method)
        values = [parameters.get_child_value(i) for i in range(parameters.n_children())]
        handler(invocation.get_message().get_unix_fd_list(), *values)
        if method not in self.options.silent:
            invocation.return_value(None)

    def on_property(self, _connection, _sender, _path, _interface, _name):
        return GLib.Variant("as", self.options.interfaces)

    def resize(self, width, height, stride):
        self.width, self.height, self.stride = width, height, stride
        self.mapping = None

    def on_Scanout(self, _fds, width, height, stride, form, data):
        self.resize(width.get_uint32(), height.get_uint32(), stride.get_uint32())
        self.pixels = bytearray(data.get_data_as_bytes().get_data())
        assert form.get_uint32() == PIXMAN_X8R8G8B8 and len(self.pixels) == self.stride * self.height
        self.tell("Scanout", width=self.width, height=self.height, picture=self.picture())

    def on_Update(self, _fds, x, y, width, height, stride, form, data):
        x, y, width, height = (value.get_int32() for value in (x, y, width, height))
        assert form.get_uint32() == PIXMAN_X8R8G8B8
        self.take(x, y, width, height, stride.get_uint32(), data.get_data_as_bytes().get_data())
        self.tell("Update", x=x, y=y, width=width, height=height, picture=self.picture())

    def on_ScanoutMap(self, fds, handle, offset, width, height, stride, form):
        assert form.get_uint32() == PIXMAN_X8R8G8B8 and offset.get_uint32() == 0
        self.resize(width.get_uint32(), height.get_uint32(), stride.get_uint32())
        memory = fds.get(handle.get_handle())
        size = self.stride * self.height
        self.mapping = mmap.mmap(memory, size, mmap.MAP_SHARED, mmap.PROT_READ)
        self.tell("ScanoutMap", width=self.width, height=self.height, picture=self.picture(), tampering=self.tamper(memory, size))
        os.close(memory)

    @staticmethod
    def tamper(memory, size):
        """Tries to do to the memory what a viewer must not; lists what it could do."""
        done = []
        for name, attempt in (
            ("map", lambda: mmap.mmap(memory, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE).close()),
            ("write", lambda: os.pwrite(memory, b"tampered", 0)),
            ("shrink", lambda: os.ftruncate(memory, 4096)),
            ("grow", lambda: os.ftruncate(memory, size + 4096)),
            ("punch", lambda: fallocate(memory, size)),
            ("seal", lambda: fcntl.fcntl(memory, 1033, 0x0008)),
        ):
            try:
                attempt()
                done.append(name)
            except OSError as error:
                assert error.errno in (errno.EPERM, errno.EACCES, errno.EBUSY), error
        return done

    def on_UpdateMap(self, _fds, x, y, width, height):
        x, y, width, height = (value.get_int32() for value in (x, y, width, height))
        self.tell("UpdateMap", x=x, y=y, width=width, height=height, picture=self.picture())

    def on_ScanoutDMABUF(self, fds, handle, width, height, stride, fourcc, modifier, y0_top):
        self.tell(
            "ScanoutDMABUF", width=width.get_uint32(), height=height.get_uint32(), stride=stride.get_uint32(),
            fourcc=fourcc.get_uint32(), modifier=modifier.get_uint64(), y0_top=y0_top.get_boolean(),
            picture=self.look(fds, handle, 0, width, height, stride))

    def on_ScanoutDMABUF2(self, fds, handles, _x, _y, width, height, offset, stride, planes, fourcc, _w, _h, modifier, y0_top):
        self.tell(
            "ScanoutDMABUF2", width=width.get_uint32(), height=height.get_uint32(), offset=offset.unpack(), stride=stride.unpack(),
            planes=planes.get_uint32(), fourcc=fourcc.get_uint32(), modifier=modifier.get_uint64(), y0_top=y0_top.get_boolean(),
            picture=self.look(fds, handles.get_child_value(0), offset.unpack()[0], width, height, stride.get_child_value(0)))

    def look(self, fds, handle, offset, width, height, stride):
        self.resize(width.get_uint32(), height.get_uint32(), stride.get_uint32())
        memory = fds.get(handle.get_handle())
        with mmap.mmap(memory, offset + self.stride * self.height, mmap.MAP_SHARED, mmap.PROT_READ) as mapping:
            self.pixels = bytearray(mapping[offset:])
        os.close(memory)
        return self.picture()

    def on_UpdateDMABUF(self, _fds, x, y, width, height):
        x, y, width, height = (value.get_int32() for value in (x, y, width, height))
        self.tell("UpdateDMABUF", x=x, y=y, width=width, height=height)

    def on_Disable(self, _fds):
        self.tell("Disable")

    def on_MouseSet(self, _fds, x, y, on):
        self.tell("MouseSet", x=x.get_int32(), y=y.get_int32(), on=on.get_int32())

    def on_CursorDefine(self, _fds, width, height, hot_x, hot_y, data):
        pixels = data.get_data_as_bytes().get_data()
        self.tell(
            "CursorDefine", width=width.get_int32(), height=height.get_int32(), hot_x=hot_x.get_int32(), hot_y=hot_y.get_int32(),
            first=int.from_bytes(pixels[:4], "little"), bytes=len(pixels))

    def serve(self, stream):
        connection = Gio.DBusConnection.new_sync(
            Gio.Socket.new_from_fd(stream).connection_factory_create_connection(), None,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.DELAY_MESSAGE_PROCESSING, None, None)
        for name in METHODS:
            connection.register_object(PATH, interface(name), self.on_call, self.on_property, None)
        connection.connect("closed", self.on_closed)
        self.tell("begun")
        connection.start_message_processing()
        self.loop.run()

    def on_closed(self, _connection, _remote, _error):
        self.tell("closed")
        self.loop.quit()


def fallocate(memory, size):
    """Punches a hole, which is a way to write."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.fallocate(memory, 3, ctypes.c_long(0), ctypes.c_long(size)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def register(console, stream):
    """Gives the display our other end, by the session bus."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    fds = Gio.UnixFDList.new()
    handle = fds.append(stream)
    bus.call_with_unix_fd_list_sync(
        "org.qemu", f"/org/qemu/Display1/Console_{console}", "org.qemu.Display1.Console", "RegisterListener",
        GLib.Variant("(h)", (handle,)), None, Gio.DBusCallFlags.NONE, 30_000, fds, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fd", type=int)
    parser.add_argument("--console", type=int)
    parser.add_argument("--interface", dest="interfaces", action="append", default=[], help="an interface of the listener, beside the plain one")
    parser.add_argument("--refuse", action="append", default=[], help="a method that is answered with an error")
    parser.add_argument("--silent", action="append", default=[], help="a method that is never answered")
    options = parser.parse_args()
    viewer = Viewer(options)
    if options.fd is not None:
        viewer.serve(options.fd)
        return
    ours, theirs = socket.socketpair()
    register(options.console, theirs.fileno())
    theirs.close()
    viewer.serve(ours.detach())


if __name__ == "__main__":
    sys.exit(main())
