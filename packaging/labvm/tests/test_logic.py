"""What of the lab can be tested without one: python3 -m unittest discover -t packaging packaging/labvm"""

import os
import pathlib
import subprocess
import tempfile
import unittest

from labvm.job import Copy, Job
from labvm.machine import SHARES, Machine, comma_safe
from labvm.qmp import QmpError, parse_forwarded_port
from labvm.state import Lab, LabError, default_name, is_alive, start_time

IMAGE = pathlib.Path("/cache/images/lab-0123456789ab")
FOLDERS = {tag: pathlib.Path("/host") / tag for tag in SHARES}


class MachineTests(unittest.TestCase):
    def test_key_other_image_or_hardware_differs(self) -> None:
        keys = {
            Machine(IMAGE).key(),
            Machine(IMAGE.with_name("lab-ba9876543210")).key(),
            Machine(IMAGE, build="other").key(),
            Machine(IMAGE, memory_mib=4096).key(),
            Machine(IMAGE, cpus=4).key(),
        }
        self.assertEqual(len(keys), 5)

    def test_key_same_machine_elsewhere_is_the_same(self) -> None:
        self.assertEqual(Machine(IMAGE).key(), Machine(pathlib.Path("/other") / IMAGE.name).key())

    def test_command_shares_are_readonly_but_exchange(self) -> None:
        command = Machine(IMAGE).command(pathlib.Path("/d"), FOLDERS, incoming=False)
        shares = [word for word in command if word.startswith("local,id=")]
        writable = [word for word in shares if "readonly=off" in word]
        self.assertEqual(len(shares), len(SHARES))
        self.assertEqual([word.split("id=")[1].split(",")[0] for word in writable], ["exchange"])

    def test_command_network_is_loopback_and_closed(self) -> None:
        command = Machine(IMAGE).command(pathlib.Path("/d"), FOLDERS, incoming=False)
        self.assertIn("user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22", command)

    def test_command_incoming_only_adds_that(self) -> None:
        cold = Machine(IMAGE).command(pathlib.Path("/d"), FOLDERS, incoming=False)
        warm = Machine(IMAGE).command(pathlib.Path("/d"), FOLDERS, incoming=True)
        self.assertEqual(warm, [*cold, "-incoming", "defer"])

    def test_comma_in_path_is_doubled(self) -> None:
        self.assertEqual(comma_safe(pathlib.Path("/a,b")), "/a,,b")


class UsernetTests(unittest.TestCase):
    LISTING = (
        "Hub -1 (net):\n"
        "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\n"
        "  TCP[ESTABLISHED]   31       127.0.0.1 41111       10.0.2.15    22     0     0\n"
        "  TCP[HOST_FORWARD]  13       127.0.0.1 35973       10.0.2.15    22     0     0\n"
    )

    def test_port_is_that_of_the_forwarding(self) -> None:
        self.assertEqual(parse_forwarded_port(self.LISTING), 35973)

    def test_no_forwarding_is_an_error(self) -> None:
        with self.assertRaises(QmpError):
            parse_forwarded_port("Hub -1 (net):\n")


class JobTests(unittest.TestCase):
    def test_copy_without_target_is_refused(self) -> None:
        for text in ("file", "file:", ":file"):
            with self.subTest(text), self.assertRaises(LabError):
                Copy.parse(text)

    def test_script_is_valid_shell_with_hostile_words(self) -> None:
        job = Job(
            arguments=["echo", "two words", "it's; rm -rf $HOME `x`"],
            pushes=(Copy("/etc/hostname", "a dir/$(x)"),),
            pulls=(Copy("out 'put'", "/tmp/out"),),
            environment=("A=b c",),
            timeout=5,
        )
        checked = subprocess.run(["sh", "-n"], input=job.script("job-1"), text=True, capture_output=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_script_ends_with_the_status_of_the_program(self) -> None:
        self.assertTrue(Job(arguments=["true"]).script("job-1").endswith("\nexit $status\n"))

    def test_service_timeout_wraps_the_program(self) -> None:
        words = Job(arguments=["prog", "-x"], timeout=7).service("job-1", "/home/user")
        self.assertEqual(words[words.index("--") :], ["--", "timeout", "--kill-after=5", "7", "prog", "-x"])

    def test_service_only_the_user_has_a_session_bus(self) -> None:
        for user, expected in (("user", 1), ("root", 0)):
            words = Job(arguments=["true"], user=user).service("job-1", "/")
            self.assertEqual(sum("DBUS_SESSION_BUS_ADDRESS" in word for word in words), expected)

    def test_prepare_and_collect_bring_files_across(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "tree").mkdir()
            (folder / "tree" / "file").write_text("content")
            job = Job(
                arguments=["true"],
                pushes=(Copy(str(folder / "tree"), "tree"),),
                pulls=(Copy("made", str(folder / "new" / "made")), Copy("absent", str(folder / "absent"))),
            )
            job.prepare(folder / "job-1")
            self.assertEqual((folder / "job-1" / "push0" / "file").read_text(), "content")

            (folder / "job-1" / "pull0").write_text("result")
            self.assertEqual(job.collect(folder / "job-1"), ["absent"])
            self.assertEqual((folder / "new" / "made").read_text(), "result")

    def test_prepare_missing_push_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as name, self.assertRaises(LabError):
            Job(arguments=["true"], pushes=(Copy("/does/not/exist", "x"),)).prepare(pathlib.Path(name) / "job-1")


class StateTests(unittest.TestCase):
    def test_default_name_differs_between_clones(self) -> None:
        self.assertNotEqual(default_name(pathlib.Path("/a")), default_name(pathlib.Path("/b")))

    def test_is_alive_tells_a_reused_process_id(self) -> None:
        started = start_time(os.getpid())
        self.assertTrue(is_alive({"pid": os.getpid(), "started": started}))
        self.assertFalse(is_alive({"pid": os.getpid(), "started": started - 1}))

    def test_is_alive_zombie_is_dead(self) -> None:
        process = subprocess.Popen(["true"])
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.assertIsNone(start_time(process.pid))
        process.wait()

    def test_record_adds_to_what_is_known_and_end_removes_all(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            before = os.environ.get("SPLITVMM_CACHE")
            os.environ["SPLITVMM_CACHE"] = name
            try:
                lab = Lab("test")
                lab.create()
                lab.record(repo="/clone")
                lab.record(port=2)
                self.assertEqual(lab.facts(), {"repo": "/clone", "port": 2})
                lab.end()
                self.assertFalse(lab.folder.exists())
            finally:
                if before is None:
                    del os.environ["SPLITVMM_CACHE"]
                else:
                    os.environ["SPLITVMM_CACHE"] = before


if __name__ == "__main__":
    unittest.main()
