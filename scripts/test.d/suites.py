"""The suites: what runs, for how many seconds at most, and how its output is counted."""

import dataclasses
import re
from collections.abc import Callable


@dataclasses.dataclass
class Counts:
    """How many tests of a suite passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


# What a suite printed, and its exit status: None if it was killed.
Count = Callable[[str, int | None], Counts]


@dataclasses.dataclass(frozen=True)
class Suite:
    """One command, and how its output is counted."""

    name: str
    command: list[str]
    limit: int
    count: Count
    # Runs only with --full.
    full: bool = False
    # Does not run with --full, which has more of the same.
    replaced: bool = False


def whole(_: str, status: int | None) -> Counts:
    """A command that is one test: it ends well or it does not."""
    return Counts(passed=int(status == 0), failed=int(status != 0))


def closing(name: str) -> Count:
    """The last line `NAME: N passed, N failed`, which our own scripts end with."""
    line = re.compile(rf"^{name}: (\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)

    def count(text: str, _: int | None) -> Counts:
        found = line.findall(text)
        return Counts(*(int(number or 0) for number in found[-1])) if found else Counts()

    return count


def conformance(text: str, status: int | None) -> Counts:
    """Captures that are not there are the one thing that may be skipped."""
    return closing("conformance")(text, status) + Counts(skipped=int("captures: absent" in text))


def build(text: str, status: int | None) -> Counts:
    """A compiler's warning is a failure, the C shims' too; a linker's warning about another project's library is not."""
    warned = re.search(r"^\S*/(?:Sources|Tests)/\S+: warning:", text, re.MULTILINE)
    return whole(text, 1 if warned else status)


RUN = re.compile(r"Test run with (\d+) tests?\b.* (passed|failed) after")
FAILED = re.compile(r"^\S+ +Test (?!run\b|case\b).* failed after [\d.]+ seconds", re.MULTILINE)
SKIPPED = re.compile(r"^\S+ +Test (?!run\b|case\b).* skipped", re.MULTILINE)
XCTEST = re.compile(r"Executed (\d+) tests?, with (?:(\d+) tests? skipped and )?(\d+) failures?")
# Said of tests that began and, as the process died, never ended.
STARTED = re.compile(r"^\S+ +Test (?!run\b|case\b)(.*) started\.$", re.MULTILINE)


def swift_test(text: str, status: int | None) -> Counts:
    """Swift Testing's summary, and XCTest's if anything of it ran.

    A process that dies prints no summary: what had passed counts, and the end is a failure.
    """
    counts = Counts()
    runs = RUN.findall(text)
    for number, _ in runs:
        counts.passed += int(number)
    counts.failed = len(FAILED.findall(text))
    counts.skipped = len(SKIPPED.findall(text))
    counts.passed = max(counts.passed - counts.failed - counts.skipped, 0)
    if not runs:
        counts.passed = len(re.findall(r"^\S+ +Test (?!run\b|case\b).* passed after [\d.]+ seconds", text, re.MULTILINE))
    for executed, skipped, failed in XCTEST.findall(text)[-1:]:
        counts += Counts(int(executed) - int(skipped or 0) - int(failed), int(failed), int(skipped or 0))
    if (status != 0 or not runs or any(word == "failed" for _, word in runs)) and not counts.failed:
        counts.failed = 1
    return counts


def unittest(text: str, _: int | None) -> Counts:
    """`Ran 3 tests in 0.1s`, then `OK` or `FAILED (failures=1, errors=1)`."""
    ran = re.search(r"^Ran (\d+) tests?", text, re.MULTILINE)
    number = {what: int(count) for what, count in re.findall(r"(failures|errors|skipped)=(\d+)", text)}
    failed, skipped = number.get("failures", 0) + number.get("errors", 0), number.get("skipped", 0)
    return Counts(int(ran[1]) - failed - skipped, failed, skipped) if ran else Counts()


RELEASE = ".build/release"
LAB = ["--binary", f"{RELEASE}/hostdev", "--contract-binary", f"{RELEASE}/kernel-contract"]

ALL = [
    Suite("check", ["scripts/check"], 300, closing("check")),
    Suite("build", ["swift", "build", "--build-tests"], 1200, build),
    Suite("swift", ["swift", "test"], 1200, swift_test),
    Suite("fixtures", ["scripts/fixtures", "--check"], 120, whole),
    Suite("release", ["swift", "build", "-c", "release", "--static-swift-stdlib"], 1200, build),
    Suite("demo", ["scripts/demo", "--assert"], 600, closing("demo")),
    Suite("conformance", ["scripts/conformance", "--binary", f"{RELEASE}/hostdev"], 600, conformance),
    Suite("lab-tests", ["python3", "-B", "-m", "unittest", "discover", "-s", "Tests/Lab"], 300, unittest),
    Suite("fuzz", ["scripts/fuzz", "--minutes", "1"], 1200, closing("fuzz")),
    Suite("lab", ["scripts/lab", "--quick", *LAB], 900, closing("lab"), replaced=True),
    Suite("lab-full", ["scripts/lab", "--full", *LAB], 7200, closing("lab"), full=True),
    Suite("mutants", ["scripts/mutants"], 7200, closing("mutants"), full=True),
    Suite("bench", ["scripts/bench"], 1200, closing("bench"), full=True),
]
