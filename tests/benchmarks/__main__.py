"""Measure speed and size against their targets, and print a table: `python -m tests.benchmarks [PART]...`.

Nearly every time is a ratio of two shortest times, measured in turn within one run, so that the machine's own speed
does not count; those of `scale` are seconds of processor time. The exit code is 0, or with --check 1 if a target is
missed.
"""

from __future__ import annotations

import argparse
import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from tests.benchmarks.cases import results
from tests.benchmarks.catalog import catalog_results
from tests.benchmarks.full_size import full_size_results
from tests.benchmarks.offers import offers_results
from tests.benchmarks.reading import reading_results
from tests.benchmarks.remote import remote_results
from tests.benchmarks.scale import scale_results
from tests.benchmarks.stores import SHARED

_PARTS = {
    "store": results,
    "catalog": catalog_results,
    "full-size": full_size_results,
    "scale": scale_results,
    "offers": offers_results,
    "reading": reading_results,
    "remote": remote_results,
}


def _part(name: str) -> str:
    """Return the name of a part; argparse's own choices would refuse that none is named."""
    if name not in _PARTS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(_PARTS)}")
    return name


def main() -> int:
    """Run all benchmarks and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    parser.add_argument("parts", nargs="*", type=_part, metavar="PART", help=f"{', '.join(_PARTS)}; default: all")
    arguments = parser.parse_args()
    if not SHARED.is_dir():
        print(f"{SHARED} is not there: the benchmarks measure on the real data in it", file=sys.stderr)
        return 1
    table = Table("what", "figure", "target", "met", "measured")
    missed = 0
    with TemporaryDirectory(prefix="llmhub-benchmarks-") as folder:
        parts = [_PARTS[name](Path(folder)) for name in arguments.parts or _PARTS]
        for result in chain.from_iterable(parts):
            print(f"{'met   ' if result.met else 'MISSED'} {result.what}: {result.figure}", file=sys.stderr)
            missed += not result.met
            table.add_row(result.what, result.figure, result.target, "yes" if result.met else "NO", result.detail)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    return 1 if arguments.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
