"""What the command line of the lab says."""

import argparse
import pathlib


class Settings(argparse.Namespace):
    names: list[str]
    quick: bool
    full: bool
    peers: bool
    kernel: str
    binary: pathlib.Path | None
    contract_binary: pathlib.Path | None
    log_dir: pathlib.Path
    jobs: int
    resume: bool
    record: bool
    fixture_name: str | None
    patience: float
