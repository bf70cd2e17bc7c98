"""Tests of the lab's own judgement, which need no kernel: python3 -m unittest discover -s Tests/Lab"""

import concurrent.futures
import contextlib
import io
import lzma
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
import unittest.mock
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "common.d"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "lab.d"))

import channel
import cpio
import history
import image
import kept
import main
import parts
import picture
import record
import topologies
from report import Report
from scenarios import ALL as SCENARIOS
from scenarios import peer_rig, peer_situations, peer_tools, peers
from scenarios.strace import joined, opened_for_writing


class Peers(unittest.TestCase):
    """The page has the table as `scripts/lab --peers --record` made it: each situation given to each tool."""

    def setUp(self) -> None:
        text = peers.PAGE.read_text()
        self.table = text.partition(peers.BEGIN + "\n")[2].partition(peers.END)[0]
        self.rows = [re.split(r"(?<!\\) ?\| ", line + " ")[1:-1] for line in self.table.splitlines() if line.startswith("|")]

    def test_every_situation_is_given_to_every_tool(self) -> None:
        self.assertEqual(self.rows[0], ["", *(peer.name for peer in peer_tools.PEERS)])
        self.assertEqual([row[0] for row in self.rows[2:]], [situation.title for situation in peer_situations.ALL])

    def test_every_cell_has_its_four_parts(self) -> None:
        for row in self.rows[2:]:
            self.assertEqual(len(row), len(peer_tools.PEERS) + 1, row)
            for cell in row[1:]:
                self.assertRegex(cell, r"^(exit \d+, [\d.]+ s|killed|still waiting after \d+ s)<br>(\*.+\*|says nothing)"
                                       r"<br>left: .+<br>then: .+$")

    def test_versions_are_said(self) -> None:
        for peer in peer_tools.PEERS:
            self.assertRegex(self.table.splitlines()[0], rf"\b{peer.name} \d")

    def test_hostdev_is_judged_in_every_situation(self) -> None:
        self.assertEqual(sorted(situation.__name__ for situation in peer_situations.ALL), sorted(peers.HOSTDEV))

    def test_what_a_tool_said_is_chosen_by_one_rule(self) -> None:
        self.assertEqual(peer_rig.telling("first\nError: no\nlast\n", False), "Error: no")
        self.assertEqual(peer_rig.telling("first\nError: no\nlast\n", True), "last")
        self.assertEqual(peer_rig.telling("bind it: ENOENT\nstate: all was put back\n", False), "bind it: ENOENT")
        traceback = "Traceback (most recent call last):\nraise Error()\nError: why\n"
        self.assertEqual(peer_rig.telling(traceback, False), "Error: why")
        self.assertEqual(peer_rig.telling("\n", True), "")
        self.assertLessEqual(len(peer_rig.telling("word " * 99, True)), 150)

    def test_a_table_is_put_between_its_marks(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "peers.md"
            path.write_text(f"a\n{peers.BEGIN}\nold\n{peers.END}\nb\n")
            peers.record(path, "new\n")
            self.assertEqual(path.read_text(), f"a\n{peers.BEGIN}\nnew\n{peers.END}\nb\n")
            path.write_text("no marks\n")
            with self.assertRaises(ValueError):
                peers.record(path, "new\n")


class Archives(unittest.TestCase):
    def test_busybox_unpacks_what_is_packed(self) -> None:
        archive = cpio.Archive()
        archive.data("a/b/file", b"odd", 0o755)
        archive.link("a/link", "b/file")
        archive.data("a/b/file", b"ignored")
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(["busybox", "cpio", "-idm"], input=archive.packed(), cwd=scratch, check=True,
                           stderr=subprocess.DEVNULL)
            self.assertEqual((pathlib.Path(scratch) / "a/link").read_bytes(), b"odd")

    def test_archives_can_be_laid_one_after_the_other(self) -> None:
        archive = cpio.Archive()
        archive.data("x", b"12345")
        self.assertEqual(len(archive.packed()) % 4, 0)


class Captures(unittest.TestCase):
    """What `scripts/lab fixture` makes of a snapshot."""

    FUNCTION = "sys/devices/pci0000:00/0000:00:00.0"

    def snapshot(self, time: int) -> bytes:
        """As a guest packs one, at that time."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for name, kind, content in (("sys/class/tpm", tarfile.DIRTYPE, b""),
                                        (f"{self.FUNCTION}/vendor", tarfile.REGTYPE, b"0x8086\n"),
                                        (f"{self.FUNCTION}/msi_bus", tarfile.REGTYPE, b"1\n"),
                                        (f"{self.FUNCTION}/driver", tarfile.SYMTYPE, b"../../../bus/pci/drivers/x")):
                member = tarfile.TarInfo(name)
                member.type, member.mtime, member.mode = kind, time, 0o755 if kind == tarfile.DIRTYPE else 0o444
                if kind == tarfile.SYMTYPE:
                    member.linkname = content.decode()
                else:
                    member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return packed.getvalue()

    def test_what_only_tests_read_is_one_file_and_the_same_each_time(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            target = pathlib.Path(scratch) / "Fixtures" / "group" / "6.12"
            target.parent.mkdir(parents=True)
            main.replace(target, self.snapshot(1))
            archive = pathlib.Path(f"{target}.tar.xz")
            first = archive.read_bytes()
            main.replace(target, self.snapshot(2))
            self.assertEqual(archive.read_bytes(), first)
            self.assertEqual([path.name for path in target.parent.iterdir()], [archive.name])
            with tarfile.open(archive) as tar:
                names = [member.name for member in tar.getmembers() if not member.isdir()]
                self.assertEqual(names, sorted(f"6.12/{name}" for name in (
                    "sys/class/tpm/.keep", f"{self.FUNCTION}/driver", f"{self.FUNCTION}/msi_bus", f"{self.FUNCTION}/vendor")))

    def test_what_people_look_into_is_plain_and_goes_without_what_is_not_read(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            target = pathlib.Path(scratch) / "Fixtures" / "host"
            target.parent.mkdir()
            main.replace(target, self.snapshot(1))
            names = sorted(path.name for path in target.rglob("*") if not path.is_dir() or path.is_symlink())
            self.assertEqual(names, [".keep", "driver", "vendor"])


class Kernels(unittest.TestCase):
    def test_the_newest_is_chosen_by_number_and_the_signed_one_first(self) -> None:
        names = ["linux-image-6.12.9+deb12-amd64", "linux-image-6.12.100+deb12-amd64-unsigned",
                 "linux-image-6.12.100+deb12-amd64", "linux-image-6.12.101+deb12-cloud-amd64",
                 "linux-image-6.12.101+deb12-rt-amd64", "linux-image-6.12.101+deb12-amd64-dbg", "linux-image-6.12-amd64"]
        self.assertEqual(parts.newest_first("6.12", names), [names[2], names[1], names[0]])

    def test_a_series_does_not_take_the_kernels_of_another(self) -> None:
        self.assertEqual(parts.newest_first("6.1", ["linux-image-6.12.100+deb12-amd64"]), [])

    def test_vmlinux_is_found_in_a_packed_image(self) -> None:
        payload = lzma.compress(b"\x7fELF and more")
        image = bytearray(512 * 2 + 16)
        image[0x1F1] = 1
        struct.pack_into("<II", image, 0x248, 16, len(payload))
        self.assertEqual(parts.extract_vmlinux(bytes(image) + payload), b"\x7fELF and more")

    def test_an_unknown_packing_is_said(self) -> None:
        with self.assertRaisesRegex(parts.PartMissing, "packed in an unknown way"):
            parts.extract_vmlinux(bytes(4096))


class Saying:
    """A guest that always says the same."""

    def __init__(self, said: str) -> None:
        self.said = said

    def must(self, _: str, /) -> str:
        return self.said


class Pictures(unittest.TestCase):
    def test_a_changed_a_new_and_a_vanished_path_are_each_named(self) -> None:
        before = {"a": "1", "b": "", "same": "x"}
        after = {"a": "2", "c": "", "same": "x"}
        self.assertEqual([line.split(":")[0] for line in picture.differences(before, after)], ["a", "b", "c"])

    def test_ports_of_disks_are_the_same_under_another_number(self) -> None:
        first, second = (picture.take(Saying(f"devices/0000:00:1f.2/ata{number}\n==\n==\n")) for number in (1, 7))
        self.assertEqual(picture.differences(first, second), [])
        self.assertEqual(list(first), ["devices/0000:00:1f.2/ataN"])

    def test_an_unset_override_is_none_however_the_kernel_spells_it(self) -> None:
        for text, wanted in (("(null)", None), ("", None), ("vfio-pci", "vfio-pci")):
            shot = {"devices/0000:01:00.0/driver_override": text}
            self.assertEqual(picture.override(shot, "0000:01:00.0"), wanted)


class Traces(unittest.TestCase):
    def test_opens_for_writing_below_sys_are_found_however_they_are_made(self) -> None:
        seen = {
            'openat(AT_FDCWD</root>, "/sys/bus/pci/drivers_probe", O_WRONLY|O_CLOEXEC) = 3</sys/bus/pci/drivers_probe>':
                ["/sys/bus/pci/drivers_probe"],
            'openat2(3</>, "sys/a/unbind", {flags=O_WRONLY|O_CLOEXEC, resolve=RESOLVE_IN_ROOT}, 24) = 4</sys/a/unbind>':
                ["/sys/a/unbind"],
            'openat2(3</>, "/sys/a/unbind", {flags=O_RDWR, resolve=RESOLVE_IN_ROOT}, 24) = -1 ENOENT (No such file)':
                ["/sys/a/unbind"],
            'openat(5</sys/bus/pci>, "rescan", O_WRONLY) = -1 EACCES (Permission denied)': ["/sys/bus/pci/rescan"],
            'open("/sys/a", O_RDWR) = 3': ["/sys/a"],
            'creat("/sys/a", 0666) = -1 EACCES (Permission denied)': ["/sys/a"],
            'openat(AT_FDCWD</root>, "/sys/a", O_RDONLY|O_CLOEXEC) = 3</sys/a>': [],
            'openat(AT_FDCWD</root>, "/run/hostdev/journal", O_WRONLY|O_CREAT, 0600) = 3</run/hostdev/journal>': [],
        }
        for call, wanted in seen.items():
            self.assertEqual(opened_for_writing(call), wanted, call)

    def test_split_calls_are_joined_in_the_order_in_which_they_began(self) -> None:
        trace = ('10 openat(AT_FDCWD</>, "/sys/a", O_WRONLY <unfinished ...>\n'
                 '11 open("/sys/b", O_WRONLY) = 3\n'
                 '10 <... openat resumed>) = 4</sys/a>\n')
        self.assertEqual([opened_for_writing(call) for call in joined(trace)], [["/sys/a"], ["/sys/b"]])


class Resuming(unittest.TestCase):
    def setUp(self) -> None:
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.path = pathlib.Path(self.scratch.name) / "card.json"

    def kept(self) -> None:
        verdict = record.Verdict(self.path, "these inputs")
        verdict.checks = 7
        verdict.keep(12.34)

    def test_what_passed_with_the_same_inputs_counts_again(self) -> None:
        self.kept()
        verdict = record.Verdict(self.path, "these inputs")
        self.assertEqual((verdict.passed, verdict.checks, verdict.seconds), (True, 7, 12.3))
        report = Report()
        with contextlib.redirect_stdout(io.StringIO()) as said:
            report.resumed("card", verdict)
            self.assertEqual(report.close(), 0)
        self.assertIn("lab: 7 passed, 0 failed", said.getvalue())

    def test_what_passed_with_other_inputs_runs_again(self) -> None:
        self.kept()
        self.assertFalse(record.Verdict(self.path, "other inputs").passed)

    def test_what_was_begun_again_has_not_passed(self) -> None:
        self.kept()
        record.Verdict(self.path, "these inputs").forget()
        self.assertFalse(record.Verdict(self.path, "these inputs").passed)

    def test_a_broken_record_is_none(self) -> None:
        for text in ("", "{", "[]", '{"inputs": "these inputs"}', '{"inputs": "these inputs", "checks": 0, "seconds": 1}'):
            self.path.write_text(text)
            self.assertFalse(record.Verdict(self.path, "these inputs").passed, text)

    def test_an_input_is_every_program_and_kernel(self) -> None:
        program = pathlib.Path(self.scratch.name) / "hostdev"
        program.write_bytes(b"one")
        first = record.inputs({"hostdev": program}, [], "QEMU 7")
        self.assertEqual(first, record.inputs({"hostdev": program}, [], "QEMU 7"))
        self.assertNotEqual(first, record.inputs({"hostdev": program}, [], "QEMU 8"))
        program.write_bytes(b"two")
        self.assertNotEqual(first, record.inputs({"hostdev": program}, [], "QEMU 7"))

    def test_two_runs_side_by_side_have_each_their_own_directory(self) -> None:
        wanted = pathlib.Path(self.scratch.name) / "logs"
        first, lock = main.own_directory(wanted)
        with lock:
            second, other = main.own_directory(wanted)
            other.close()
            self.assertEqual((first.name, second.name), ("logs", "logs-2"))
        third, lock = main.own_directory(wanted)
        lock.close()
        self.assertEqual(third.name, "logs")


class Histories(unittest.TestCase):
    """A run that found nothing to do is right if all was in place at some moment of it, by the kernel's own trace."""

    TRACE = """\
              sh-70 [000] ..... 1: tracing_mark_write: begin 1.1.bind
         hostdev-71 [000] ..... 2: tracing_mark_write: begin 2.1.release
         hostdev-72 [000] ..... 3: unbind_store <-kernfs_fop_write_iter
         hostdev-72 [000] ..... 4: unbind: (unbind_store+0x0/0x90) driver="e1000e" function="0000:01:00.0"
              sh-71 [001] ..... 5: tracing_mark_write: end 2.1.release
              sh-71 [001] ..... 6: tracing_mark_write: begin 3.1.release
         hostdev-72 [000] ..... 7: bind: (bind_store+0x0/0x90) driver="vfio-pci" function="0000:01:00.0"
              sh-71 [001] ..... 8: tracing_mark_write: end 3.1.release
              sh-70 [000] ..... 9: tracing_mark_write: end 1.1.bind
              sh-70 [000] ..... 10: tracing_mark_write: begin 1.2.bind
"""

    def _untrue(self, run: str, driver: str) -> list[str]:
        return history.untrue(self.TRACE, {run: {"0000:01:00.0": driver}}, {"0000:01:00.0": "e1000e"})

    def test_what_was_there_at_some_moment_is_true(self) -> None:
        self.assertEqual(self._untrue("1.1.bind", "vfio-pci"), [])
        self.assertEqual(self._untrue("1.1.bind", "e1000e"), [])
        self.assertEqual(self._untrue("2.1.release", "e1000e"), [])

    def test_what_was_not_there_while_it_ran_is_not(self) -> None:
        self.assertEqual(self._untrue("2.1.release", "vfio-pci"), ["2.1.release"])
        self.assertEqual(self._untrue("3.1.release", "e1000e"), ["3.1.release"])

    def test_a_run_without_an_end_is_not(self) -> None:
        self.assertEqual(self._untrue("1.2.bind", "vfio-pci"), ["1.2.bind"])
        self.assertEqual(self._untrue("4.1.bind", "vfio-pci"), ["4.1.bind"])


class Kept(unittest.TestCase):
    """A directory of the cache is made once, and again if anything of it is not as it was made."""

    def setUp(self) -> None:
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        chosen = unittest.mock.patch.dict(os.environ, HOSTDEV_LAB_CACHE=self.scratch.name)
        chosen.start()
        self.addCleanup(chosen.stop)
        self.made = 0

    def _make(self, tree: pathlib.Path) -> None:
        self.made += 1
        tree.mkdir()
        (tree / "program").write_text("content")
        (tree / "link").symlink_to("program")

    def _tree(self, make: Callable[[pathlib.Path], None] | None = None) -> pathlib.Path:
        kept.forget()  # as at the beginning of another run
        return kept.directory("things", "stamp", make or self._make)

    def test_what_is_whole_is_made_once(self) -> None:
        self.assertEqual(self._tree(), self._tree())
        self.assertEqual(self.made, 1)

    def test_what_is_damaged_is_made_anew(self) -> None:
        def led_elsewhere(tree: pathlib.Path) -> None:
            (tree / "link").unlink()
            (tree / "link").symlink_to("elsewhere")

        damages: tuple[Callable[[pathlib.Path], object], ...] = (
            lambda tree: (tree / "program").write_text("another"),
            lambda tree: (tree / "program").unlink(),
            lambda tree: (tree / "program").chmod(0o600),
            lambda tree: (tree / "more").mkdir(),
            led_elsewhere,
            lambda tree: (tree.parent / "record.json").unlink(),
            lambda tree: (tree.parent / "record.json").write_text('{"pro'),
        )
        for number, damage in enumerate(damages, 1):
            damage(self._tree())
            tree = self._tree()
            self.assertEqual(self.made, number + 1)
            self.assertEqual(sorted(path.name for path in tree.iterdir()), ["link", "program"])
            self.assertEqual((tree / "link").read_text(), "content")

    def test_what_was_broken_off_is_no_part_of_it(self) -> None:
        def breaks(tree: pathlib.Path) -> None:
            self._make(tree)
            raise parts.PartMissing("the network is gone")

        with self.assertRaises(parts.PartMissing):
            kept.directory("things", "stamp", breaks)
        self.assertEqual(list((pathlib.Path(self.scratch.name) / "things").iterdir()), [])
        self.assertEqual((self._tree() / "program").read_text(), "content")

    def test_two_runs_side_by_side_make_it_once(self) -> None:
        def slow(tree: pathlib.Path) -> None:
            time.sleep(0.3)
            self._make(tree)

        def run(_: int) -> pathlib.Path:
            return self._tree(slow)

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            first, second = pool.map(run, range(2))
        self.assertEqual((first, self.made), (second, 1))

    def test_an_image_that_is_damaged_is_made_anew(self) -> None:
        for number in (1, 2):
            path = image.cached("thing", "stamp", lambda: b"content")
            self.assertEqual(path.read_bytes(), b"content", number)
            path.write_bytes(b"another")


class Silence(unittest.TestCase):
    """A guest that says nothing is woken. If that does not help, its tasks are listed, and it is an error."""

    def setUp(self) -> None:
        ours, self.theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(self.theirs.close)
        self.log, self.tell = io.StringIO(), unittest.mock.Mock()
        self.channel = channel.Channel(ours, self.log, self.tell)
        patch = unittest.mock.patch.object(channel, "SILENCE_SECONDS", 0.1)
        patch.start()
        self.addCleanup(patch.stop)

    def _answer(self) -> tuple[int, bytes, bytes]:
        return self.channel.answer(7, time.monotonic() + 0.5, "the command")

    def test_an_empty_line_wakes_it(self) -> None:
        def sleeper() -> None:
            self.theirs.settimeout(2)
            with contextlib.suppress(TimeoutError):
                if self.theirs.recv(1) == b"\n":
                    self.theirs.sendall(b"reply 7 0 2 0\nok")

        thread = threading.Thread(target=sleeper)
        thread.start()
        self.addCleanup(thread.join)
        self.assertEqual(self._answer(), (0, b"ok", b""))
        self.assertIn("silence", self.log.getvalue())
        self.tell.assert_not_called()

    def test_one_that_stays_silent_is_an_error(self) -> None:
        with self.assertRaisesRegex(channel.GuestError, "no answer in time to `the command`"):
            self._answer()
        self.tell.assert_called_once_with()

    def test_its_tasks_being_unknown_does_not_hide_the_error(self) -> None:
        self.tell.side_effect = OSError("the monitor is gone")
        with self.assertRaisesRegex(channel.GuestError, "no answer in time"):
            self._answer()
        self.assertIn("the monitor is gone", self.log.getvalue())


class Declarations(unittest.TestCase):
    def test_groups_are_addresses_and_each_is_in_one_group_only(self) -> None:
        for topology in topologies.ALL.values():
            members = [address for group in topology.groups for address in group]
            self.assertEqual(len(members), len(set(members)), topology.name)
            for address in members:
                self.assertRegex(address, r"^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$")

    def test_every_topology_has_a_scenario_that_boots_it(self) -> None:
        for name in topologies.ALL:
            self.assertIn(f"boot-{name}", SCENARIOS)

    def test_names_are_file_names(self) -> None:
        for name in SCENARIOS:
            self.assertTrue(re.fullmatch(r"[a-z0-9-]+", name), name)


class Counting(unittest.TestCase):
    def test_a_run_without_any_check_is_no_success(self) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(Report().close(), 1)
        self.assertEqual(said.getvalue(), "lab: 0 passed, 0 failed\n")

    def test_a_quick_part_that_takes_long_is_a_failure(self) -> None:
        for seconds, patience, failed in ((359, 1, 0), (360, 1, 1), (700, 2, 0), (720, 2, 1)):
            report = Report()
            with contextlib.redirect_stdout(io.StringIO()) as said:
                main.quick_enough(report, seconds, patience)
                self.assertEqual(report.close(), failed)
            self.assertIn("the quick part is quick", said.getvalue())


if __name__ == "__main__":
    unittest.main()
