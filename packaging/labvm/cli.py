"""The command line of packaging/lab."""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from . import start as starting
from .job import EXIT_TIMEOUT, Copy, Job
from .login import Login
from .machine import Machine
from .qmp import QmpError
from .state import Lab, LabError, all_labs, default_name

PACKAGING = pathlib.Path(__file__).resolve().parent.parent
REPO = PACKAGING.parent
LAB_ERROR = 125


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="packaging/lab",
        description="A Debian virtual machine, under QEMU without KVM, whose own KVM runs Linux guests.",
        epilog="In the lab: /images (the built images) and /repo (this clone), read-only; /dotnet (the host's .NET).",
    )
    top.add_argument("--lab", default=default_name(REPO), metavar="NAME", help="which lab; default: one per clone")
    commands = top.add_subparsers(dest="command", required=True, metavar="up|run|shell|status|down")

    commands.add_parser("up", help="start the lab and leave it running")
    run = commands.add_parser("run", help="run a program in it; starts a lab just for that if none is up")
    run.add_argument("--user", choices=("user", "root"), default="user")
    run.add_argument("--push", action="append", default=[], metavar="HOSTPATH:LABPATH", help="copy in before")
    run.add_argument("--pull", action="append", default=[], metavar="LABPATH:HOSTPATH", help="copy out afterwards")
    run.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    run.add_argument("--cwd", default="", metavar="LABPATH", help="working directory; default: the user's home")
    run.add_argument("--timeout", type=int, default=0, metavar="SECONDS", help="exit status 124 when it runs longer")
    run.add_argument("--keep", action="store_true", help="leave the lab running afterwards")
    run.add_argument("arguments", nargs="+", metavar="PROGRAM [ARGUMENT...]")
    shell = commands.add_parser("shell", help="log in to the running lab")
    shell.add_argument("--user", choices=("user", "root"), default="user")
    status = commands.add_parser("status", help="say what runs")
    status.add_argument("--json", action="store_true")
    down = commands.add_parser("down", help="end the lab and remove what it wrote")
    down.add_argument("--all", action="store_true", help="all labs of this user, not only this clone's")
    return top


def say(text: str) -> None:
    print(f"[lab {time.monotonic() - BEGAN:.0f}s] {text}", file=sys.stderr, flush=True)


BEGAN = time.monotonic()


def machine() -> Machine:
    """The machine to start; builds its image if need be."""
    for tool, package in (("ssh", "openssh-client"), ("zstd", "zstd")):
        if not shutil.which(tool):
            raise LabError(f"{package} is not installed", "packaging/install-deps")
    image = pathlib.Path(build_image())
    # The host key is made anew in every build.
    return Machine(image=image, build=(image / "known_hosts").read_text())


def build_image() -> str:
    """Runs packaging/image, whose progress goes to our standard error; gives back the image's folder."""
    with subprocess.Popen([PACKAGING / "image", "lab", "--print-path"], stdout=subprocess.PIPE, text=True) as process:
        try:
            path, _ = process.communicate()
        except BaseException:
            # Interrupted: it removes what it has begun.
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        raise LabError("the lab's image could not be built (see above)")
    return path.strip()


def ensure_up(lab: Lab, tied: bool) -> None:
    with lab.lock():
        if not lab.is_up():
            starting.remove_leftovers()
            starting.start(lab, machine(), REPO, say, tied)


def login_of(lab: Lab) -> Login:
    facts = lab.facts()
    return Login(pathlib.Path(facts["image"]), facts["port"])


@contextlib.contextmanager
def usable(lab: Lab, keep: bool) -> Iterator[Lab]:
    """The clone's lab if it is up or shall stay up; else one of our own that ends with us."""
    if keep or lab.is_up():
        ensure_up(lab, tied=False)
        yield lab
        return
    own = Lab(f"run-{os.getpid()}")
    try:
        ensure_up(own, tied=True)
        yield own
    finally:
        own.end()
        own.folder.with_suffix(".lock").unlink(missing_ok=True)


def run(lab: Lab, arguments: argparse.Namespace) -> int:
    job = Job(
        arguments=arguments.arguments,
        user=arguments.user,
        pushes=tuple(map(Copy.parse, arguments.push)),
        pulls=tuple(map(Copy.parse, arguments.pull)),
        environment=tuple(arguments.env),
        timeout=arguments.timeout,
        directory=arguments.cwd,
    )
    with usable(lab, arguments.keep) as used:
        name = f"job-{os.getpid()}"
        folder = used.exchange / name
        try:
            job.prepare(folder)
            status = execute(used, name, job.timeout)
            for source in job.collect(folder):
                say(f"{source} to pull does not exist in the lab")
                status = status or LAB_ERROR
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return status


def execute(lab: Lab, name: str, timeout: int) -> int:
    """Runs the prepared job, its output going straight to ours."""
    login = login_of(lab)
    process = subprocess.Popen(
        [*login.command("-T"), f"sh /exchange/{name}/script"], stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        # The lab itself ends what runs too long; this is for a lab that no longer does anything.
        status = process.wait(timeout + 120 if timeout else None)
    except subprocess.TimeoutExpired:
        say("the lab does not answer any more; its console log ends:")
        print(*lab.console.read_text(errors="replace").splitlines()[-20:], sep="\n", file=sys.stderr)
        return LAB_ERROR
    except BaseException:
        # Interrupted: the program must not go on in a lab that stays.
        with contextlib.suppress(LabError):
            login.run(f"systemctl stop lab-{name}.service", timeout=20)
        raise
    finally:
        process.kill()
        process.wait()
    if status == EXIT_TIMEOUT and timeout:
        say(f"ended after {timeout} s")
    if status == 255 and not lab.is_up():
        raise LabError("the lab's QEMU ended while the program ran", f"see {starting.keep_console(lab)}")
    return status


def shell(lab: Lab, user: str) -> int:
    if not lab.is_up():
        raise LabError("the lab is not up", "packaging/lab up")
    return subprocess.call([*login_of(lab).command("-t"), f"exec su -l {user}"])


def status(as_json: bool) -> int:
    labs = [lab for lab in all_labs() if lab.facts()]
    if as_json:
        print(json.dumps([{"name": lab.name, "up": lab.is_up(), **lab.facts()} for lab in labs]))
    elif not labs:
        print("no lab is running")
    else:
        for lab in labs:
            facts = lab.facts()
            print(f"{lab.name}: {'up' if lab.is_up() else 'not up'}, QEMU {facts['pid']}, clone {facts['repo']}")
    return 0


def down(labs: list[Lab]) -> int:
    for lab in labs:
        with lab.lock():
            lab.end()
            say(f"{lab.name} is down")
    return 0


def interrupted(number: int, _: object) -> None:
    # As an exception, so that every `finally` on the way out is run.
    sys.exit(128 + number)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    arguments = parser().parse_args()
    lab = Lab(arguments.lab)
    try:
        match arguments.command:
            case "up":
                ensure_up(lab, tied=False)
                return 0
            case "run":
                return run(lab, arguments)
            case "shell":
                return shell(lab, arguments.user)
            case "status":
                return status(arguments.json)
            case _:
                return down(all_labs() if arguments.all else [lab])
    except (LabError, QmpError, OSError, subprocess.CalledProcessError) as error:
        print(f"packaging/lab: error: {error}", file=sys.stderr)
        if remedy := getattr(error, "remedy", ""):
            print(f"  remedy: {remedy}", file=sys.stderr)
        return LAB_ERROR
