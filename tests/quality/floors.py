"""The pinned floors: figures below which a change must not fall, with the corpus they were measured on.

Belongs here: reading, comparing and writing `floors.json`. A floor rises with `--raise`; it falls only with `--lower`.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.quality.measure import FIELDS

FILE = Path(__file__).with_name("floors.json")
SLACK = 0.0005
"""Half a thousandth: what another version of a language detector or parser may move without anybody's doing."""

_PINNED = ("body", "gain", *FIELDS)


def load() -> tuple[str, dict[str, float]]:
    """(digest of the corpus, floors); ("", {}) when none are pinned."""
    if not FILE.exists():
        return "", {}
    raw = json.loads(FILE.read_text(encoding="utf-8"))
    return raw["corpus"], raw["floors"]


def below(figures: dict[str, float], floors: dict[str, float]) -> list[str]:
    """A sentence for each figure that is missing or lower than its floor."""
    return [
        f"{name}: {figures.get(name, 0.0):.4f} is below the floor {floor:.4f}"
        for name, floor in floors.items()
        if figures.get(name, -1.0) < floor - SLACK
    ]


def save(digest: str, figures: dict[str, float], *, lower: bool) -> None:
    """Pin the figures. Floors that are higher than the figures stay, unless `lower` or the corpus is another one."""
    known, floors = load()
    keep = floors if known == digest and not lower else {}
    pinned = {
        name: round(max(value, keep.get(name, value)), 4)
        for name, value in figures.items()
        if name.split(".")[0] in _PINNED
    }
    FILE.write_text(json.dumps({"corpus": digest, "floors": pinned}, indent=1) + "\n", encoding="utf-8")
