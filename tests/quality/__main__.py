"""The gate: score extraction on the corpus, compare with the pinned floors, print the figures and the worst ten.

    python -m tests.quality [--set NAME ...] [--raise | --lower]

Exit code 0 when no figure is below its floor (or there is no corpus), 1 otherwise.
"""

from __future__ import annotations

import argparse
import sys

from tests.quality import floors, report
from tests.quality.corpus import digest, samples
from tests.quality.measure import figures, measure


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.quality", description="Score extraction on the corpus against pinned floors."
    )
    parser.add_argument("--set", action="append", dest="sets", help="only this set (floors are then not compared)")
    change = parser.add_mutually_exclusive_group()
    change.add_argument(
        "--raise", action="store_true", dest="raise_", help="pin figures that are higher than their floor"
    )
    change.add_argument(
        "--lower", action="store_true", help="pin the figures even where they are lower: say why in the commit"
    )
    options = parser.parse_args(arguments)
    pages = samples(set(options.sets) if options.sets else None)
    if not pages:
        print("no corpus beside the project: the gate is skipped")
        return 0
    outcomes = measure(pages)
    print(
        report.table(outcomes), report.by_language(outcomes), report.worst(outcomes), report.cost(outcomes), sep="\n\n"
    )
    if options.sets:
        return 0
    found = figures(outcomes)
    if options.raise_ or options.lower:
        floors.save(digest(), found, lower=options.lower)
        return 0
    known, pinned = floors.load()
    if known != digest():
        print("\nthe floors were measured on another corpus: pin new ones with --raise")
        return 1
    problems = floors.below(found, pinned)
    print("", *problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
