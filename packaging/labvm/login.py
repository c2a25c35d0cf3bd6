"""Running a command inside the lab as its root, by ssh over the host's loopback interface."""

import pathlib
import socket
import subprocess
import time

from .state import LabError


class Login:
    """How to reach one lab."""

    def __init__(self, image: pathlib.Path, port: int):
        self._image = image
        self._port = port

    def command(self, *options: str) -> list[str]:
        """An ssh command line up to the remote command. It reads none of the caller's ssh settings."""
        return [
            "ssh", "-F", "none", "-i", str(self._image / "key"), "-p", str(self._port), "-l", "root",
            "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR",
            "-o", "StrictHostKeyChecking=yes", "-o", "HostKeyAlias=splitvmm-lab",
            "-o", f"UserKnownHostsFile={self._image / 'known_hosts'}", "-o", "GlobalKnownHostsFile=/dev/null",
            "-o", "ConnectTimeout=30", "-o", "ServerAliveInterval=30", "-o", "ServerAliveCountMax=10",
            # The cheapest to compute where every instruction is emulated.
            "-o", "KexAlgorithms=curve25519-sha256", "-o", "Ciphers=aes128-gcm@openssh.com",
            *options, "127.0.0.1", "--",
        ]  # fmt: skip

    def run(self, script: str, timeout: float = 120) -> str:
        """Runs a shell script and gives back what it printed."""
        try:
            done = subprocess.run(
                [*self.command("-T"), script], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"the lab did not finish in {timeout:.0f} s: {script}", "packaging/lab down") from error
        if done.returncode:
            raise LabError(f"in the lab: {script}: {done.stderr.strip() or done.stdout.strip()}", "packaging/lab down")
        return done.stdout

    def answers(self) -> bool:
        """Whether sshd greets. (QEMU's forwarding accepts connections long before there is an sshd.)"""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
                return connection.recv(8).startswith(b"SSH-2.0")
        except OSError:
            return False

    def wait(self, timeout: float, alive) -> None:
        """Waits until sshd greets; gives up early when the machine is no longer alive."""
        deadline = time.monotonic() + timeout
        while not self.answers():
            if not alive():
                raise LabError("the lab's QEMU ended while it was starting", "see the console log named above")
            if time.monotonic() > deadline:
                raise LabError(f"the lab did not come up in {timeout:.0f} s", "packaging/lab down, then try again")
            time.sleep(0.3)
