"""Whether a store may be published to: the probe's findings, asked or remembered, and what they forbid."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from archiver.errors import StoreError
from archiver.store.base import Store
from archiver.store.s3.capabilities import FRESH, Capabilities, recall, remember
from archiver.store.s3.probe import Answer, probe
from archiver.store.s3.store import S3Store


def made_ready(store: Store, state: Path, now: datetime) -> tuple[S3Store, StoreError | None]:
    """The store with its findings, which `state` keeps for 24 hours; within them it is only asked whether it lets us in. A store that was seen to work before and does not answer now
    comes back with what it said. Raises `StoreError` for one that must not be published to, or that was never seen to work."""
    assert isinstance(store, S3Store)
    known = recall(state, store.place, store.table)
    if known is not None and now - known[1] < FRESH and not known[0].refusals:
        return _allowed(store, known[0]), _refused_now(store)
    try:
        found, _ = probe(store, lambda: now)
    except StoreError as error:
        if known is None or known[0].refusals:
            raise
        return _allowed(store, known[0]), error
    remember(state, store.place, store.table, found, now)
    return _allowed(store, found), None


def _refused_now(store: S3Store) -> StoreError | None:
    """One small question to a store whose findings are remembered: what keeps it from answering at this moment. Raises `StoreError` for
    what will not pass by itself (wrong keys, no right, no such bucket)."""
    patience, store.patience = store.patience, 0.0
    try:
        next(store.list("_probe/"), None)
    except StoreError as error:
        if not error.temporary:
            raise
        return error
    finally:
        store.patience = patience
    return None


def ask(store: Store, state: Path, now: datetime) -> tuple[Capabilities, list[Answer], list[str]]:
    """The probe made now, its table, and what forbids publishing, one sentence each. Raises `StoreError`."""
    assert isinstance(store, S3Store)
    found, answers = probe(store, lambda: now)
    remember(state, store.place, store.table, found, now)
    return found, answers, objections(store, found)


def _allowed(store: S3Store, known: Capabilities) -> S3Store:
    if forbidding := objections(store, known):
        raise StoreError("\n".join(forbidding))
    store.known = known
    return store


def objections(store: S3Store, known: Capabilities) -> list[str]:
    """What forbids publishing to a store with these findings, under this configuration."""
    found = list(known.refusals)
    if not known.publishing(store.table.publishers):
        found.append(
            f"{store.place.shown} ignores conditions, so two publishers could overwrite each other; set publishers = 1 under [s3] "
            "if only this machine publishes there"
        )
    if store.table.object_lock and known.lock is False:
        found.append(
            f"{store.place.shown} has no object lock, which [s3] object_lock asks for; make a bucket with it, or leave it out"
        )
    return found
