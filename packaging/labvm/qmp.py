"""QEMU's control socket (QMP), as far as a lab needs it."""

import json
import os
import pathlib
import re
import socket
import time


class QmpError(Exception):
    """QEMU refused a command, or went away."""


class Qmp:
    """One connection, ready for commands. Use it as a context manager."""

    def __init__(self, folder: pathlib.Path, timeout: float = 10):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        # Through a descriptor of the folder the path is short, however deep the cache lies.
        directory = os.open(folder, os.O_PATH)
        try:
            self._connect(f"/proc/self/fd/{directory}/qmp.sock", timeout)
        finally:
            os.close(directory)
        self._stream = self._socket.makefile("rw")
        self._read()
        self.command("qmp_capabilities")

    def _connect(self, path: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._socket.connect(path)
                return
            except (FileNotFoundError, ConnectionRefusedError) as error:
                if time.monotonic() > deadline:
                    raise QmpError("QEMU does not answer on its control socket") from error
                time.sleep(0.05)

    def __enter__(self) -> "Qmp":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def _read(self) -> dict:
        line = self._stream.readline()
        if not line:
            raise QmpError("QEMU closed its control socket")
        return json.loads(line)

    def command(self, name: str, **arguments: object) -> object:
        """Runs one command and gives back what it returns; events that come in between are skipped."""
        json.dump({"execute": name, "arguments": arguments}, self._stream)
        self._stream.write("\n")
        self._stream.flush()
        while True:
            answer = self._read()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise QmpError(f"QEMU: {name}: {answer['error']['desc']}")

    def quit(self) -> None:
        """Ends QEMU. It may close the socket before it answers."""
        try:
            self.command("quit")
        except (QmpError, OSError):
            pass

    def forwarded_port(self) -> int:
        """The port of the host's loopback that leads to the lab's sshd."""
        return parse_forwarded_port(str(self.command("human-monitor-command", **{"command-line": "info usernet"})))

    def wait_migration(self, timeout: float) -> None:
        """Waits until a migration, in or out, is over."""
        deadline = time.monotonic() + timeout
        while True:
            info = self.command("query-migrate")
            status = info.get("status", "none")
            if status == "completed":
                return
            if status in ("failed", "cancelled"):
                raise QmpError(f"QEMU: the snapshot {status}: {info.get('error-desc', 'no reason given')}")
            if time.monotonic() > deadline:
                raise QmpError("QEMU: the snapshot takes too long")
            time.sleep(0.05)


def parse_forwarded_port(usernet: str) -> int:
    """Reads the port out of `info usernet`, whose columns are protocol, descriptor, source address,
    source port, destination address, destination port."""
    for line in usernet.splitlines():
        match = re.match(r"\s*TCP\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)\s", line)
        if match:
            return int(match.group(1))
    raise QmpError("QEMU lists no forwarded port")
