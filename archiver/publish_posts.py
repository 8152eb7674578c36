"""The `posts` and `resolutions` files of a run, made from its WARCs: at publishing and at every re-extraction alike.

Belongs here: reading a run's chains out of its WARCs and putting their documents. What the records mean is `archiver.resolve`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from archiver.conclude import Followed, conclude
from archiver.layout import FOLLOWING, SegmentName, posts_key, resolutions_key
from archiver.models import Article, Capture, CrawlContext, Role
from archiver.models.base import Record
from archiver.models.resolution import Resolution
from archiver.parts import Part, pack
from archiver.resolve import FOLLOW, LEFTOVER, gather
from archiver.tally import Tally
from archiver.warc import read_captures_where
from archiver.warc.sides import read_sides

CITES = b'"citations":[{'
ROLES = (Role.POST, Role.REQUISITE)


def post_parts(
    warcs: Mapping[SegmentName, tuple[Path, Path]], articles: Iterable[bytes], tally: Tally | None = None
) -> list[Part]:
    """What the chains of one run found. `warcs`: (WARC, CDXJ) of each of its segments; `articles`: its documents. `tally` counts the
    attempts.

    A run whose articles cite nothing is not read again. Raises `WarcError`.
    """
    citing = [Article.model_validate_json(line) for line in articles if CITES in line]
    again = list(followed(warcs))
    if not citing and not again:
        return []
    posts, resolutions = conclude(citing, gather(_captures(warcs), _leftovers(warcs)), again)
    if tally:
        tally.take(posts, resolutions, [*citing, *(one.article for one in again)])
    first = min(warcs, key=lambda name: name.stamp)
    by_platform: dict[str, list[bytes]] = {}
    for post in posts:
        by_platform.setdefault(post.platform, []).append(_line(post))
    parts = [pack(posts_key(first.run_id, first.day, network), lines) for network, lines in sorted(by_platform.items())]
    return [*parts, pack(resolutions_key(first.run_id, first.day), map(_line, resolutions))]


def _captures(warcs: Mapping[SegmentName, tuple[Path, Path]]) -> Iterator[Capture]:
    for name in sorted(warcs, key=lambda name: (name.series, name.serial)):
        yield from read_captures_where(*warcs[name], _belongs_to_a_post, warc_filename=name.warc)


def _belongs_to_a_post(context: CrawlContext) -> bool:
    return bool(context.post) and context.role in ROLES


def _leftovers(warcs: Mapping[SegmentName, tuple[Path, Path]]) -> Iterator[bytes]:
    yield from _sides(_following(warcs), f"{FOLLOW}post:")
    yield from _sides(warcs, LEFTOVER)


def followed(warcs: Mapping[SegmentName, tuple[Path, Path]]) -> Iterator[Followed]:
    """The articles that a follow run concludes about; other runs have none."""
    for block in _sides(
        {name: paths for name, paths in warcs.items() if name.series == FOLLOWING}, f"{FOLLOW}article:"
    ):
        note = json.loads(block)
        known = [Resolution.model_validate(item) for item in note["resolutions"]]
        yield Followed(Article.model_validate(note["article"]), {one.citation_index: one for one in known})


def _following(warcs: Mapping[SegmentName, tuple[Path, Path]]) -> dict[SegmentName, tuple[Path, Path]]:
    return {name: paths for name, paths in warcs.items() if name.series == FOLLOWING}


def _sides(warcs: Mapping[SegmentName, tuple[Path, Path]], prefix: str) -> Iterator[bytes]:
    for name in sorted(warcs, key=lambda name: (name.series, name.serial)):
        yield from (block for _, block in read_sides(*warcs[name], prefix))


def _line(document: Record) -> bytes:
    return document.model_dump_json().encode("utf-8", "replace") + b"\n"
