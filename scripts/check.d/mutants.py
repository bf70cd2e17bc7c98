"""Whether each mutant of scripts/mutants still fits the sources, so that a change says it here and not hours later."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "mutants.d"))

from mutant import Mutant, Unfit, files


def judge(_: list[pathlib.Path]) -> list[str]:
    """The complaints, one per mutant."""
    complaints = []
    for file in files():
        try:
            Mutant(file).edited(pathlib.Path())
        except Unfit as why:
            complaints.append(str(why))
    return complaints
