"""Reading CDXJ back: the lines of one `.cdxj.gz` as dicts."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from archiver.errors import WarcError


def read_cdxj(path: Path) -> Iterator[dict[str, str]]:
    """Each line's JSON with `key` and `timestamp` beside it. Raises `WarcError` (rule `cdxj`) with the line's number."""
    number = 1
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                key, timestamp, rest = line.split(" ", 2)
                yield {"key": key, "timestamp": timestamp, **json.loads(rest)}
                number += 1
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise WarcError(str(path), 0, "cdxj", f"line {number} cannot be read: {error}") from error
