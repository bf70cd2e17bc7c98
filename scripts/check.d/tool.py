"""Judges that are programs of their own."""

import os
import subprocess
from collections.abc import Mapping


def answer(*command: str, environment: Mapping[str, str] | None = None) -> list[str]:
    """What a judge that is a program complains of, line by line; nothing if it has no complaint."""
    run = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})})
    complaints = (run.stdout + run.stderr).splitlines()
    return complaints or ([f"{command[0]}: exit status {run.returncode}"] if run.returncode else [])
