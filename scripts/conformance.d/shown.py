"""What hostdev says of a tree, in the keys of facts.py."""

import json
import subprocess

from answers import Document
from facts import Facts, of_device


class Failed(Exception):
    """hostdev did not answer; the text says how."""


def facts(binary: str, tree: str) -> dict[str, Facts]:
    """hostdev's answer by address. A tree is not hardware, so sleeping functions are read too."""
    command = [binary, "show", "--all", "--wake", "--json", "--root", tree]
    try:
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from error
    if run.returncode != 0:
        raise Failed(f"exit {run.returncode}: {(run.stderr or run.stdout).strip()}")
    try:
        answer: Document = json.loads(run.stdout)
        return {device["address"]: of_device(device) for device in answer["devices"]}
    except (ValueError, KeyError, TypeError) as error:
        raise Failed(f"its JSON is not what the judges can read: {error!r}") from error
