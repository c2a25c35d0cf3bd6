"""The object that the display calls (org.qemu.Display1.Listener)."""

import json
import os

from gi.repository import Gio, GLib

from picture import Picture
from tampering import tamper

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


def rectangle(values):
    return dict(zip(("x", "y", "width", "height"), (value.get_int32() for value in values)))


class Listener:
    """One socket, by which the display says what one monitor shows."""

    def __init__(self, interfaces, refused, silent, facts):
        self.interfaces, self.refused, self.silent, self.facts = interfaces, refused, silent, facts
        self.scanout = None
        self.picture = None

    def tell(self, call, **facts):
        print(json.dumps({"call": call, **self.facts, **facts}), flush=True)

    def look(self):
        """Says what is shown now, and by which call it came."""
        if self.picture is None:
            self.tell("look", picture=None)
        else:
            self.tell("look", scanout=self.scanout, width=self.picture.width, height=self.picture.height, picture=self.picture.crc())

    def serve(self, stream, ended):
        """Answers on a socket until it is closed."""
        self.connection = Gio.DBusConnection.new_sync(
            Gio.Socket.new_from_fd(stream).connection_factory_create_connection(), None,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.DELAY_MESSAGE_PROCESSING, None, None)
        for name in METHODS:
            self.connection.register_object(PATH, interface(name), self.on_call, self.on_property, None)
        self.connection.connect("closed", self.on_closed, ended)
        self.tell("begun")
        self.connection.start_message_processing()

    def on_closed(self, _connection, _remote, _error, ended):
        self.show(None, None)
        self.tell("closed")
        ended()

    def on_property(self, _connection, _sender, _path, _interface, _name):
        return GLib.Variant("as", self.interfaces)

    def on_call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        # What follows a picture that was refused comes before the display knows of it.
        if method in self.refused or (method.startswith("Update") and self.picture is None):
            self.tell(method, refused=True)
            invocation.return_dbus_error("org.example.Refused", "the test wants it so")
            return
        values = [parameters.get_child_value(i) for i in range(parameters.n_children())]
        getattr(self, "on_" + method)(invocation.get_message().get_unix_fd_list(), *values)
        if method not in self.silent:
            invocation.return_value(None)

    def show(self, scanout, picture):
        if self.picture is not None:
            self.picture.close()
        self.scanout, self.picture = scanout, picture

    def on_Scanout(self, _fds, width, height, stride, form, data):
        width, height, stride = (value.get_uint32() for value in (width, height, stride))
        pixels = bytearray(data.get_data_as_bytes().get_data())
        assert form.get_uint32() == PIXMAN_X8R8G8B8 and len(pixels) == stride * height
        self.show("Scanout", Picture(pixels, width, height, stride))
        self.tell("Scanout", width=width, height=height, picture=self.picture.crc())

    def on_Update(self, _fds, x, y, width, height, stride, form, data):
        part = rectangle((x, y, width, height))
        assert form.get_uint32() == PIXMAN_X8R8G8B8
        self.picture.take(**part, stride=stride.get_uint32(), data=data.get_data_as_bytes().get_data())
        self.tell("Update", **part, picture=self.picture.crc())

    def on_ScanoutMap(self, fds, handle, offset, width, height, stride, form):
        assert form.get_uint32() == PIXMAN_X8R8G8B8 and offset.get_uint32() == 0
        width, height, stride = (value.get_uint32() for value in (width, height, stride))
        memory = fds.get(handle.get_handle())
        self.show("ScanoutMap", Picture.of_memory(memory, width, height, stride))
        tampering = tamper(memory, stride * height)
        os.close(memory)
        self.tell("ScanoutMap", width=width, height=height, picture=self.picture.crc(), tampering=tampering)

    def on_UpdateMap(self, _fds, *values):
        self.tell("UpdateMap", **rectangle(values), picture=self.picture.crc())

    def on_ScanoutDMABUF(self, fds, handle, width, height, stride, fourcc, modifier, y0_top):
        layout = {"width": width.get_uint32(), "height": height.get_uint32(), "stride": stride.get_uint32(), "fourcc": fourcc.get_uint32()}
        self.show("ScanoutDMABUF", Picture.of_dma_buf(
            fds.get(handle.get_handle()), offset=0, is_reversed=y0_top.get_boolean(), **layout))
        self.tell("ScanoutDMABUF", modifier=modifier.get_uint64(), y0_top=y0_top.get_boolean(), picture=self.picture.crc(), **layout)

    def on_ScanoutDMABUF2(self, fds, handles, _x, _y, width, height, offset, stride, planes, fourcc, _w, _h, modifier, y0_top):
        layout = {"width": width.get_uint32(), "height": height.get_uint32(), "fourcc": fourcc.get_uint32()}
        offsets, strides = offset.unpack(), stride.unpack()
        self.show("ScanoutDMABUF2", Picture.of_dma_buf(
            fds.get(handles.get_child_value(0).get_handle()), offset=offsets[0], stride=strides[0], is_reversed=y0_top.get_boolean(), **layout))
        self.tell(
            "ScanoutDMABUF2", offset=offsets, stride=strides, planes=planes.get_uint32(), modifier=modifier.get_uint64(),
            y0_top=y0_top.get_boolean(), picture=self.picture.crc(), **layout)

    def on_UpdateDMABUF(self, _fds, *values):
        self.tell("UpdateDMABUF", **rectangle(values), picture=self.picture.crc())

    def on_Disable(self, _fds):
        self.show(None, None)
        self.tell("Disable")

    def on_MouseSet(self, _fds, x, y, on):
        self.tell("MouseSet", x=x.get_int32(), y=y.get_int32(), on=on.get_int32())

    def on_CursorDefine(self, _fds, width, height, hot_x, hot_y, data):
        pixels = data.get_data_as_bytes().get_data()
        self.tell(
            "CursorDefine", width=width.get_int32(), height=height.get_int32(), hot_x=hot_x.get_int32(), hot_y=hot_y.get_int32(),
            first=int.from_bytes(pixels[:4], "little"), bytes=len(pixels))
