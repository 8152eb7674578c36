"""The keys of an archive and the names they are made of.

Belongs here: pure functions between names, keys and their parts. Reading and writing blobs is for `store`.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_NAME = re.compile(r"(?P<series>[a-z0-9][a-z0-9-]*)-(?P<stamp>\d{17})-(?P<serial>\d{5,})-(?P<run>[a-z0-9]+)")
_PART = re.compile(r"/part-(\w+)-\d{5,}\.jsonl\.gz$")
_SUFFIX = ".warc.gz"

OWN_SERIES = ("x-developer", "meta-oembed")
"""Terms whose captures lie in a WARC series of their own, so that a retention rule can drop a file."""

FOLLOWING = "posts"
"""The series of runs that ask for cited posts again."""


def series_under(source: str, terms: str) -> str:
    """The series of a source's captures under terms of `OWN_SERIES`."""
    return f"{source}-{terms}"


def source_of_series(series: str) -> str:
    """The source whose captures a series holds."""
    return next((series.removesuffix(f"-{terms}") for terms in OWN_SERIES if series.endswith(f"-{terms}")), series)


_RUN = re.compile(r"\d{8}t\d{6}z[0-9a-f]{6}")


def is_run_id(text: str) -> bool:
    """Whether `text` has the form of `new_run_id`."""
    return _RUN.fullmatch(text) is not None


def new_run_id(now: datetime) -> str:
    """A run id: when it began, and six random hex digits; lower case, no hyphen, sorts by time."""
    return f"{now.astimezone(UTC):%Y%m%dt%H%M%Sz}{secrets.token_hex(3)}"


@dataclass(frozen=True, slots=True)
class SegmentName:
    """The parts of a WARC's name, `SERIES-TIMESTAMP17-SERIAL-RUNID`."""

    series: str
    stamp: str
    serial: str
    run_id: str

    @property
    def stem(self) -> str:
        return f"{self.series}-{self.stamp}-{self.serial}-{self.run_id}"

    @property
    def lasting(self) -> str:
        """What stays of the name when an erasure issues the file again: series, time and serial, with the hyphen behind them."""
        return f"{self.series}-{self.stamp}-{self.serial}-"

    @property
    def day(self) -> str:
        return f"{self.stamp[:4]}-{self.stamp[4:6]}-{self.stamp[6:8]}"

    @property
    def warc(self) -> str:
        return f"warc/{self.series}/dt={self.day}/{self.stem}{_SUFFIX}"

    @property
    def cdxj(self) -> str:
        return f"cdxj/{self.series}/dt={self.day}/{self.stem}.cdxj.gz"

    @property
    def articles(self) -> str:
        return f"articles/v1/dt={self.day}/source={self.series}/part-{self.run_id}-{self.serial}.jsonl.gz"


def segment_name(name: str) -> SegmentName | None:
    """The parts of a key, path or file name of a WARC of ours; None for other names."""
    base = name.rsplit("/", 1)[-1].removesuffix(".open").removesuffix(_SUFFIX)
    match = _NAME.fullmatch(base)
    return SegmentName(match["series"], match["stamp"], match["serial"], match["run"]) if match else None


def run_of_part(key: str) -> str | None:
    """The run that wrote a file of documents, tombstones or events, by the file's name; None for other names."""
    found = _PART.search(key)
    return found[1] if found else None


def posts_key(run_id: str, day: str, platform: str) -> str:
    """The key of a run's posts of one network; `day` is the UTC day of the run's first WARC."""
    return f"posts/v1/dt={day}/platform={platform}/part-{run_id}-00000.jsonl.gz"


def resolutions_key(run_id: str, day: str) -> str:
    """The key of what a run concluded about citations."""
    return f"resolutions/v1/dt={day}/part-{run_id}-00000.jsonl.gz"


def run_key(run_id: str, day: str, name: str) -> str:
    """The key of a run's `manifest.json` or `_SUCCESS`; `day` is the UTC day the run began."""
    return f"runs/dt={day}/{run_id}/{name}"


def state_folder(store_url: str, room: str) -> Path:
    """Where what is derived from an archive lies on this machine: `.ROOM` in the archive's folder, or, for a store elsewhere,
    `.ROOM/` in the current one, below a name made from the store's URL. It may be deleted at any time."""
    if "://" not in store_url or store_url.startswith("file://"):
        return Path(store_url.removeprefix("file://")) / f".{room}"
    return Path(f".{room}") / re.sub(r"[^a-z0-9.-]+", "-", store_url.partition("://")[2].lower()).strip("-.")
