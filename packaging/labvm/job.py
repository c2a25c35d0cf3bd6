"""What one `lab run` does: files in, a program in a service unit of its own, files out.

The whole job is one shell script in the exchange folder, so that a run costs one login. The program runs
under systemd-run: output comes live, the exit status is its own, and whatever it leaves running in the
lab ends with it.
"""

import dataclasses
import pathlib
import shlex
import shutil

from .state import LabError

EXIT_TIMEOUT = 124


@dataclasses.dataclass(frozen=True)
class Copy:
    """One file or folder to bring across, and where to."""

    source: str
    target: str

    @staticmethod
    def parse(text: str) -> "Copy":
        """SOURCE:TARGET"""
        source, colon, target = text.partition(":")
        if not (source and colon and target):
            raise LabError(f"{text}: no source and target with a colon between", "for example --push out/tool:/tmp/tool")
        return Copy(source, target)


@dataclasses.dataclass(frozen=True)
class Job:
    """One program to run in the lab."""

    arguments: list[str]
    user: str = "user"
    pushes: tuple[Copy, ...] = ()
    pulls: tuple[Copy, ...] = ()
    environment: tuple[str, ...] = ()
    timeout: int = 0
    directory: str = ""

    def prepare(self, folder: pathlib.Path) -> None:
        """Fills the job's part of the exchange folder: the pushed files and the script."""
        folder.mkdir()
        for number, copy in enumerate(self.pushes):
            source = pathlib.Path(copy.source)
            if not source.exists():
                raise LabError(f"{source} to push does not exist", "build it first")
            if source.is_dir():
                shutil.copytree(source, folder / f"push{number}", symlinks=True)
            else:
                shutil.copy2(source, folder / f"push{number}")
        (folder / "script").write_text(self.script(folder.name))

    def script(self, name: str) -> str:
        """The script, which root runs in the lab."""
        here = f"/exchange/{name}"
        home = "/root" if self.user == "root" else f"/home/{self.user}"
        lines = [f"cd {home} || exit", "umask 022"]
        for number, copy in enumerate(self.pushes):
            target = shlex.quote(copy.target)
            lines += [
                # -T: the target is the new name, never a folder to put it in; relative ones are in the home.
                f'mkdir -p "$(dirname {target})" && cp -aT {here}/push{number} {target}'
                f" && chown -R {self.user}: {target} || exit",
            ]
        lines += [shlex.join(self.service(name, home)) + " </dev/null", "status=$?"]
        for number, copy in enumerate(self.pulls):
            # What a failed program did not write is no second failure; what it did write is wanted all the more.
            lines.append(f"[ ! -e {shlex.quote(copy.source)} ] || cp -aT {shlex.quote(copy.source)} {here}/pull{number}")
        return "\n".join([*lines, "exit $status", ""])

    def service(self, name: str, home: str) -> list[str]:
        """The systemd-run command line."""
        command = [
            "systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--service-type=exec",
            f"--unit=lab-{name}", f"--uid={self.user}", f"--working-directory={self.directory or home}",
            "--property=Delegate=yes", "--property=TimeoutStopSec=5", "--property=LimitNOFILE=65536",
            "--property=LimitCORE=infinity", "--property=OOMPolicy=continue", "--setenv=LANG=C.UTF-8",
            "--setenv=PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/dotnet",
            "--setenv=DOTNET_ROOT=/dotnet", "--setenv=DOTNET_NOLOGO=1", "--setenv=DOTNET_CLI_TELEMETRY_OPTOUT=1",
        ]  # fmt: skip
        if self.user != "root":
            command += [
                "--setenv=XDG_RUNTIME_DIR=/run/user/1000",
                "--setenv=DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus",
            ]
        command += [f"--setenv={pair}" for pair in self.environment]
        command += ["--"]
        if self.timeout:
            command += ["timeout", "--kill-after=5", str(self.timeout)]
        return [*command, *self.arguments]

    def collect(self, folder: pathlib.Path) -> list[str]:
        """Moves the pulled files to where they are wanted; gives back the sources that did not exist."""
        missing = []
        for number, copy in enumerate(self.pulls):
            pulled, target = folder / f"pull{number}", pathlib.Path(copy.target)
            if not pulled.exists():
                missing.append(copy.source)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if pulled.is_dir():
                shutil.copytree(pulled, target, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy2(pulled, target)
        return missing
