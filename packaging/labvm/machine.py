"""The lab's QEMU command line. Pure: nothing here looks at the machine it runs on."""

import dataclasses
import hashlib
import json
import pathlib

# Host folders that the lab mounts: tag -> may the lab write to it.
SHARES = {"images": False, "exchange": True, "repo": False, "dotnet": False}

# The kernel of the lab is emulated code: spare it what only costs time there.
KERNEL_ARGUMENTS = (
    "console=ttyS0 quiet panic=-1 net.ifnames=0 systemd.show_status=false "
    "mitigations=off nokaslr rodata=off cryptomgr.notests audit=0 nowatchdog "
    # TCG's TSC is one virtual clock for all CPUs; without this the lab's KVM would do without kvmclock.
    "tsc=reliable"
)


@dataclasses.dataclass(frozen=True)
class Machine:
    """What a lab is made of: anything that changes here makes older snapshots useless."""

    image: pathlib.Path
    # Tells two builds of one recipe apart; a snapshot's disk is good on top of its own build only.
    build: str = ""
    memory_mib: int = 8192
    cpus: int = 1

    def tool(self, name: str) -> list[str]:
        """A program of the image's QEMU, run by the libraries that came with it."""
        root = self.image / "qemu"
        loader = [str(root / "lib/ld-linux-x86-64.so.2"), "--argv0", name, "--library-path", str(root / "lib")]
        return [*loader, str(root / "bin" / name)]

    def key(self) -> str:
        """Names the snapshots of this machine: image (with its QEMU) and virtual hardware."""
        parts = [self.image.name, self.build, self.hardware(), KERNEL_ARGUMENTS, list(SHARES)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def hardware(self) -> list[str]:
        """The part of the command line that a snapshot depends on."""
        return [
            "-machine", "q35",
            # Host threads, and the nested page tables that let the lab's KVM run Linux. Five-level
            # paging would make each walk of those longer. Emulated AVX is slower than SSE, and llvmpipe takes
            # what it finds.
            "-accel", "tcg,thread=multi,tb-size=1024",
            "-cpu", "max,svm=on,npt=on,la57=off,avx=off,avx2=off",
            "-smp", str(self.cpus),
            "-m", f"{self.memory_mib}M",
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-vga", "none",
            "-device", "virtio-rng-pci",
        ]  # fmt: skip

    def command(self, overlay: pathlib.Path, shares: dict[str, pathlib.Path], incoming: bool) -> list[str]:
        """The whole command line; it runs with the lab's state folder as its working directory,
        because the path of a Unix socket has room for 107 bytes only."""
        command = [*self.tool("qemu-system-x86_64"), "-L", str(self.image / "qemu/firmware")]
        command += ["-name", "splitvmm-lab,debug-threads=on", *self.hardware()]
        command += [
            "-drive", f"if=none,id=disk,format=qcow2,cache=unsafe,discard=unmap,file={comma_safe(overlay)}",
            "-device", "virtio-blk-pci,drive=disk",
            # The network ends at the host's loopback: port 0 is any free one, and nothing goes out.
            "-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22",
            "-device", "virtio-net-pci,netdev=net,romfile=",
        ]  # fmt: skip
        for tag, writable in SHARES.items():
            readonly = "off" if writable else "on"
            command += [
                "-fsdev", f"local,id={tag},security_model=none,readonly={readonly},path={comma_safe(shares[tag])}",
                "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}",
            ]  # fmt: skip
        command += [
            "-serial", "file:console.log",
            "-qmp", "unix:qmp.sock,server=on,wait=off",
            "-kernel", str(self.image / "vmlinux"),
            "-initrd", str(self.image / "initrd.cpio"),
            "-append", KERNEL_ARGUMENTS,
        ]  # fmt: skip
        if incoming:
            command += ["-incoming", "defer"]
        return command


def comma_safe(path: pathlib.Path) -> str:
    """A path as a value of a QEMU option, where a comma is written twice."""
    return str(path).replace(",", ",,")
