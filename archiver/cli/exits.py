"""Exit codes: what cron and scripts act on."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    ERROR = 1
    USAGE = 2
    BELOW_EXPECTATION = 3
    UNPUBLISHED = 4
    DAMAGED = 5
    LOCKED = 6
