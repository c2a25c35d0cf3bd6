"""Where labs keep their things, and how one is told from another.

Everything lies under the cache: `snapshots/` is shared by all clones of the project, `labs/NAME/` belongs
to one running lab: its overlay disk, sockets, console log, the exchange folder, and `lab.json`, which
says the process id of its QEMU and the port of its sshd.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import time
from collections.abc import Iterator


class LabError(Exception):
    """Something a person can act on: what is wrong, and the remedy."""

    def __init__(self, problem: str, remedy: str = ""):
        super().__init__(problem)
        self.remedy = remedy


def cache_root() -> pathlib.Path:
    """The project's cache: $SPLITVMM_CACHE, else splitvmm in the XDG cache folder."""
    if chosen := os.environ.get("SPLITVMM_CACHE"):
        return pathlib.Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base).absolute() / "splitvmm"


def default_name(repo: pathlib.Path) -> str:
    """The name of a clone's own lab, so that several clones on a machine do not meet."""
    return "clone-" + hashlib.sha256(str(repo).encode()).hexdigest()[:8]


@contextlib.contextmanager
def locked(path: pathlib.Path) -> Iterator[None]:
    """Holds an exclusive lock on a file for the length of a block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Lab:
    """The folder of one lab, running or not."""

    def __init__(self, name: str):
        self.name = name
        self.folder = cache_root() / "labs" / name
        self.overlay = self.folder / "disk.qcow2"
        self.exchange = self.folder / "exchange"
        self.console = self.folder / "console.log"

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Serialises starts and ends of this lab. The lock lies beside the folder, which comes and goes."""
        return locked(self.folder.with_suffix(".lock"))

    def create(self) -> None:
        self.remove()
        self.exchange.mkdir(parents=True)

    def record(self, **facts: object) -> None:
        """Adds to what is known about the running lab."""
        path = self.folder / "lab.json"
        known = self.facts() | facts
        path.with_suffix(".new").write_text(json.dumps(known))
        path.with_suffix(".new").rename(path)

    def facts(self) -> dict:
        try:
            return json.loads((self.folder / "lab.json").read_text())
        except FileNotFoundError:
            return {}

    def is_up(self) -> bool:
        """Booted, and its QEMU alive."""
        facts = self.facts()
        return "port" in facts and is_alive(facts)

    def end(self) -> None:
        """Ends QEMU, whatever it is doing, and removes all the lab had."""
        facts = self.facts()
        if is_alive(facts):
            os.kill(facts["pid"], signal.SIGKILL)
            deadline = time.monotonic() + 10
            while is_alive(facts) and time.monotonic() < deadline:
                # It is our child if this command started it, and stays a zombie until it is waited for.
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(facts["pid"], os.WNOHANG)
                time.sleep(0.02)
        self.remove()

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def is_alive(facts: dict) -> bool:
    """Whether the recorded QEMU still runs; its start time tells it from a later process of that id."""
    started = facts.get("started")
    return started is not None and start_time(facts["pid"]) == started


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None if there is none or it is a zombie."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def all_labs() -> list[Lab]:
    """Every lab that has a folder, up or left behind."""
    folder = cache_root() / "labs"
    return [Lab(path.name) for path in sorted(folder.glob("*")) if path.is_dir()] if folder.is_dir() else []
