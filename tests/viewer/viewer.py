#!/usr/bin/env python3
"""A viewer of QEMU's D-Bus display, by GLib's implementation of D-Bus (python3-gi).

viewer.py --fd N [options]         the socket is inherited, as the display has its other end
viewer.py --console N [options]    registers itself at org.qemu on the session bus; may be repeated
          --way WAY                what is taken: planes, dmabuf, map or message; with several of them each console has as many listeners
          --again                  registers anew when the display has gone, until org.qemu has

Each call of the display is a line of JSON on standard output. "picture" is the CRC-32 of what the viewer shows after
it: three bytes a pixel, red, green, blue, row by row. On the bus, lines of standard input are carried out:

look                               a line of JSON for each listener: what it shows now
CONSOLE INTERFACE.METHOD NUMBER... for example "0 Keyboard.Press 30"
"""

import argparse
import os
import sys

import gi

sys.dont_write_bytecode = True
gi.require_version("Gio", "2.0")
from gi.repository import GLib  # noqa: E402

from bus import MACHINE_GONE, Bus  # noqa: E402
from listener import DMABUF2, MAP, Listener  # noqa: E402

# By what a listener says that it has, and by what it refuses.
WAYS = {
    "planes": ([DMABUF2], []),
    "dmabuf": ([], []),
    "map": ([MAP], ["ScanoutDMABUF"]),
    "message": ([], ["ScanoutDMABUF"]),
}
MILLISECONDS_BETWEEN_TRIES = 200


class Viewer:
    """The listeners of one process, and who tells them what to do."""

    def __init__(self, options):
        self.options = options
        self.loop = GLib.MainLoop()
        self.listeners = []

    def listener(self, interfaces, refused, **facts):
        listener = Listener(interfaces, refused, self.options.silent, facts)
        self.listeners.append(listener)
        return listener

    def serve_socket(self, stream):
        listener = self.listener(self.options.interfaces, self.options.refuse)
        listener.serve(stream, self.loop.quit)
        self.loop.run()

    def serve_bus(self):
        self.bus = Bus()
        for console in self.options.consoles:
            for way in self.options.ways or [None]:
                interfaces, refused = WAYS[way] if way else ([], [])
                facts = {"console": console, "way": way} if way else {}
                listener = self.listener(self.options.interfaces + interfaces, self.options.refuse + refused, **facts)
                self.register(console, listener)
        GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, self.on_input)
        if self.listeners:
            self.loop.run()

    def register(self, console, listener):
        """Tried once; again and again where the viewer is to outlive the display."""
        try:
            listener.serve(self.bus.register(console), lambda: self.on_closed(console, listener))
        except GLib.Error as error:
            if not self.options.again:
                raise
            if MACHINE_GONE in error.message:
                self.end(listener)
            else:
                GLib.timeout_add(MILLISECONDS_BETWEEN_TRIES, self.register, console, listener)
        return GLib.SOURCE_REMOVE

    def on_closed(self, console, listener):
        if self.options.again:
            self.register(console, listener)
        else:
            self.end(listener)

    def end(self, listener):
        self.listeners.remove(listener)
        if not self.listeners:
            self.loop.quit()

    def on_input(self, stream, _condition):
        # Whole lines: whoever writes them writes each at once.
        lines = os.read(stream, 4096).decode().splitlines()
        for line in lines:
            self.carry_out(*line.split())
        return GLib.SOURCE_CONTINUE if lines else GLib.SOURCE_REMOVE

    def carry_out(self, first, *rest):
        if first == "look":
            for listener in self.listeners:
                listener.look()
        else:
            self.bus.call(int(first), rest[0], *map(int, rest[1:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fd", type=int)
    parser.add_argument("--console", type=int, dest="consoles", action="append", default=[])
    parser.add_argument("--way", dest="ways", choices=WAYS, action="append", default=[])
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--interface", dest="interfaces", action="append", default=[], help="an interface of the listener, beside the plain one")
    parser.add_argument("--refuse", action="append", default=[], help="a method that is answered with an error")
    parser.add_argument("--silent", action="append", default=[], help="a method that is never answered")
    options = parser.parse_args()
    viewer = Viewer(options)
    if options.fd is not None:
        viewer.serve_socket(options.fd)
    else:
        viewer.serve_bus()


if __name__ == "__main__":
    sys.exit(main())
