"""What waits in the spool: URLs whose answers are durable on this machine and not in the archive yet.

Belongs here: reading unpublished runs for the next crawl. The frontier learns of a fetch when its run is committed, never before, so
while a store is away a crawl has to look here to fetch nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from archiver.frontier.marks import UNTRIED_REASONS
from archiver.frontier.rows import key_of
from archiver.spool import RunSpool, unpublished

_DOCUMENTS = ".articles.jsonl"


def waiting(spool: Path) -> frozenset[int]:
    """The keys (`frontier.rows.key_of`) of all URLs that unpublished runs in `spool` have tried."""
    return frozenset(key_of(url) for run in unpublished(spool) for url in _tried(run))


def _tried(run: RunSpool) -> Iterator[str]:
    for path in sorted(run.folder.glob(f"*{_DOCUMENTS}")):
        for line in run.documents(path.name.removesuffix(_DOCUMENTS)):
            about = json.loads(line)
            yield from {about["url"], about["requested_url"]}
    for refusal in run.refusals():
        if refusal.source and refusal.reason not in UNTRIED_REASONS:
            yield refusal.requested_url or refusal.url
