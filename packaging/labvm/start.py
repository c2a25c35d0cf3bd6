"""Starting labs: the cold boot that makes the snapshot, and the quick start from it."""

import ctypes
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

from .login import Login
from .machine import SHARES, Machine
from .qmp import Qmp, QmpError
from .state import Lab, LabError, all_labs, cache_root, is_alive, locked, start_time

BOOT_TIMEOUT = 300
UNUSED_SNAPSHOT_DAYS = 7
PR_SET_PDEATHSIG = 1


def share_folders(lab: Lab, machine: Machine, repo: pathlib.Path) -> dict[str, pathlib.Path]:
    """What the lab sees of the host: the images, the clone, the .NET installation, an exchange folder."""
    dotnet = shutil.which("dotnet")
    empty = lab.folder / "empty"
    empty.mkdir(exist_ok=True)
    folders = {
        "images": machine.image.parent,
        "exchange": lab.exchange,
        "repo": repo,
        "dotnet": pathlib.Path(os.path.realpath(dotnet)).parent if dotnet else empty,
    }
    assert folders.keys() == SHARES.keys()
    return folders


def spawn(lab: Lab, machine: Machine, repo: pathlib.Path, incoming: bool, tied: bool) -> subprocess.Popen:
    """Starts QEMU in the lab's folder. A tied one dies with this process, whatever ends it."""
    libc = ctypes.CDLL(None)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    with open(lab.folder / "qemu.log", "wb") as log:
        process = subprocess.Popen(
            machine.command(lab.overlay, share_folders(lab, machine, repo), incoming),
            cwd=lab.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C on the terminal is for the command, which then ends the lab in order.
            start_new_session=True,
            preexec_fn=tie if tied else None,
        )
    lab.record(pid=process.pid, started=start_time(process.pid), image=str(machine.image), repo=str(repo))
    return process


def connect(lab: Lab, process: subprocess.Popen) -> Qmp:
    """QEMU's control socket; if QEMU ended instead, an error with its last words."""
    try:
        return Qmp(lab.folder)
    except QmpError as error:
        if process.poll() is None:
            raise
        words = (lab.folder / "qemu.log").read_text(errors="replace").strip().splitlines()
        raise LabError(f"QEMU does not start: {words[-1] if words else process.returncode}", "packaging/install-deps") from error


def make_overlay(machine: Machine, path: pathlib.Path, backing: pathlib.Path) -> None:
    arguments = ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(backing), str(path)]
    subprocess.run([*machine.tool("qemu-img"), *arguments], check=True)


def snapshot(machine: Machine, repo: pathlib.Path, say) -> pathlib.Path:
    """The folder of the machine's booted state, `disk.qcow2` and `memory.zst`; boots it if there is none."""
    root = cache_root() / "snapshots"
    final = root / machine.key()
    with locked(root / f"{machine.key()}.lock"):
        if not final.is_dir():
            say("first start with this image: booting the lab to take a snapshot (a minute)")
            prune(root)
            with tempfile.TemporaryDirectory(prefix=f".{machine.key()}.", dir=root) as work:
                boot(machine, repo, pathlib.Path(work), say)
                (pathlib.Path(work) / "done").mkdir()
                for name in ("disk.qcow2", "memory.zst"):
                    (pathlib.Path(work) / name).rename(pathlib.Path(work) / "done" / name)
                (pathlib.Path(work) / "done").rename(final)
        os.utime(final)
    return final


def boot(machine: Machine, repo: pathlib.Path, work: pathlib.Path, say) -> None:
    """Boots from the image to a quiet system and saves disk and memory in `work`."""
    lab = Lab(f"boot-{os.getpid()}")
    lab.create()
    lab.overlay = work / "disk.qcow2"
    make_overlay(machine, lab.overlay, machine.image / "disk.qcow2")
    began = time.monotonic()
    try:
        process = spawn(lab, machine, repo, incoming=False, tied=True)
        with connect(lab, process) as qmp:
            login = Login(machine.image, qmp.forwarded_port())
            login.wait(BOOT_TIMEOUT, lambda: process.poll() is None)
            say(f"booted in {time.monotonic() - began:.0f} s; letting it settle")
            # Prints "running", or "degraded" with a status of its own: either is the end of the boot.
            state = login.run("systemctl is-system-running --wait || true", timeout=BOOT_TIMEOUT).strip()
            if state != "running":
                say("the lab has failed units: " + login.run("systemctl --failed --plain --no-legend").strip())
            login.run("modprobe kvm_amd; sync; echo 3 >/proc/sys/vm/drop_caches")
            qmp.command("stop")
            say("saving its memory")
            qmp.command("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
            qmp.command("migrate", uri=f"exec:zstd -q -1 -T0 -o {shlex.quote(str(work / 'memory.zst'))}")
            qmp.wait_migration(timeout=300)
            qmp.quit()
        process.wait(timeout=60)
        say(f"snapshot made in {time.monotonic() - began:.0f} s")
    except LabError:
        say(f"console log: {keep_console(lab)}")
        raise
    finally:
        lab.end()


def keep_console(lab: Lab) -> pathlib.Path:
    """Copies the console log out of a lab that is about to go."""
    kept = cache_root() / "last-failed-console.log"
    if lab.console.exists():
        shutil.copyfile(lab.console, kept)
    return kept


def prune(root: pathlib.Path) -> None:
    """Removes snapshots that nobody has started from for a week."""
    oldest = time.time() - UNUSED_SNAPSHOT_DAYS * 86400
    for folder in root.glob("*"):
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def start(lab: Lab, machine: Machine, repo: pathlib.Path, say, tied: bool) -> None:
    """Starts a lab from the snapshot, up to where commands can run in it."""
    booted = snapshot(machine, repo, say)
    began = time.monotonic()
    lab.create()
    try:
        make_overlay(machine, lab.overlay, booted / "disk.qcow2")
        process = spawn(lab, machine, repo, incoming=True, tied=tied)
        with connect(lab, process) as qmp:
            qmp.command("migrate-incoming", uri=f"exec:zstd -dcq {shlex.quote(str(booted / 'memory.zst'))}")
            qmp.wait_migration(timeout=120)
            qmp.command("cont")
            port = qmp.forwarded_port()
        login = Login(machine.image, port)
        login.wait(60, lambda: process.poll() is None)
        login.run(f"lab-restored {time.time():.0f}")
        lab.record(port=port)
        say(f"up in {time.monotonic() - began:.1f} s")
    except BaseException:
        lab.end()
        raise


def remove_leftovers() -> None:
    """Removes the folders of labs whose QEMU is gone, for example after a power cut."""
    for lab in all_labs():
        facts = lab.facts()
        if facts and not is_alive(facts):
            lab.remove()
