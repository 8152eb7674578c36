"""`python -m benchmarks [NAME...]`: all measurements, or those that are named. Exits 1 when a target was missed."""

from __future__ import annotations

import argparse
import sys

from benchmarks import checking, corpus, lookups, memory, replays, speed, store

EPILOGUE = """benchmarks:
  corpus     crawl every real page of ../shared/corpus under its own host name, then prove the archive: bytes as served, every
             outcome counted, four WARC checkers, slices of documents, extraction again (without the corpus: demo pages)
  speed      whole pipeline against bare trafilatura; recording against the same spider that stores nothing, and against wget
  recording  only the second half of speed
  whole      only the first half of speed
  index      look-ups by URL and time in an index of ten million lines: time and memory (not among "all": it writes 1.5 GB)
  replay     crawl the pages of the corpus with what they need, then ask pywb for every capture (not among "all": ten minutes and more)
  store      uploading into SeaweedFS beside plain boto3, and the memory of 5 GB
  check      `check --full` of WARCs against FastWARC reading them with digests verified
  memory     peak memory at 2,000 and 20,000 pages, with a 200 MiB page, and with extraction

beside them, by themselves:
  python benchmarks/extraction.py        extraction against bare trafilatura, CPU time, page by page
  python benchmarks/compressors.py       compressors for WARC members

example: python -m benchmarks speed --rounds 5
docs/benchmarks.md says what the figures mean."""


def main() -> int:
    parser = argparse.ArgumentParser(
        "python -m benchmarks",
        description="Measure the main job on loopback, as ratios within one run.",
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = ("corpus", "speed", "recording", "whole", "check", "memory", "index", "replay", "store")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(names)}; none means all")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the speed measurements (default 3)")
    parser.add_argument("--pages", type=int, help="corpus, replay: only so many pages, spread over the corpus")
    parser.add_argument("--lines", type=int, default=lookups.LINES, help="index: how many lines (default 10,000,000)")
    chosen = parser.parse_args()
    for name in chosen.names:
        if name not in names:
            parser.error(f"no benchmark {name!r}; there are {', '.join(names)}")
    good = True
    for name in chosen.names or ("corpus", "speed", "check", "memory"):
        if name == "corpus":
            good &= corpus.main(chosen.pages)
        elif name == "index":
            good &= lookups.main(chosen.lines)
        elif name == "replay":
            good &= replays.main(chosen.pages)
        elif name == "check":
            good &= checking.main(chosen.rounds)
        elif name == "memory":
            good &= memory.main()
        elif name == "store":
            good &= store.main(chosen.rounds)
        else:
            good &= speed.main(chosen.rounds, "" if name == "speed" else name)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
