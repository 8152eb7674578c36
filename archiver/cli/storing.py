"""The store as the verbs see it: opened for publishing, probed, and fed while a crawl still runs."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from archiver import clock
from archiver.changes import announce_left
from archiver.cli.common import complain, paper, talk
from archiver.cli.exits import Exit
from archiver.config import Config
from archiver.errors import ArchiverError, StoreError, UsageError
from archiver.layout import segment_name
from archiver.spool import unpublished
from archiver.store import Store, open_store
from archiver.store.opening import open_for_publishing
from archiver.takedown import commit_left

POLL = 2.0
"""Seconds between two looks at what was sealed."""

REST = 60.0
"""Seconds for which a store that refused is left alone during a crawl; the end of the run publishes in any case."""


def store_of(config: Config) -> Store:
    """The store, ready to be published to; what is known against it is said. Raises `StoreError`, `UsageError`."""
    opened = open_for_publishing(config.store, config.s3, config.spool, clock.now())
    for sentence in opened.warnings:
        talk.print(f"{config.store}: {sentence}", markup=False)
    if opened.trouble:
        complain(opened.trouble, Exit.UNPUBLISHED)
    return opened.store


def folder_must_be_there(config: Config) -> None:
    """Raises `UsageError` where there is neither the archive's folder nor a spool for it: a name that was mistyped is not to be made."""
    folder = None if config.store.startswith("s3://") else Path(config.store.removeprefix("file://"))
    if folder and not folder.exists() and not config.spool.exists():
        raise UsageError(
            f"{config.store}: no such folder, and no spool at {config.spool}; name the archive with --store"
        )


def publish_again(config: Config) -> str:
    """The command that publishes what stays in this spool, wherever it is typed."""
    return f"ARCHIVER_SPOOL={shlex.quote(str(config.spool))} archiver publish --store {shlex.quote(config.store)}"


def cannot_store(config: Config, error: ArchiverError) -> Exit:
    """What a verb says and exits with when there is no store to publish to: nothing is begun, and nothing is lost."""
    left = len(unpublished(config.spool))
    code = Exit.UNPUBLISHED if left else Exit.ERROR
    complain(error, code)
    if left:
        complain(f"{left} run(s) stay in {config.spool}; when this is mended, `{publish_again(config)}`", code)
    return code


def probe_store(config: Config, *, as_json: bool) -> int:
    """`archiver check --probe`: asks the store what it does, and says what follows."""
    from archiver.store.s3.ready import ask

    store = open_store(config.store, config.s3)
    if not config.store.startswith("s3://"):
        raise UsageError(f"{config.store}: a folder has nothing to be asked; name an object store, s3://BUCKET/PREFIX")
    found, answers, against = ask(store, config.spool, clock.now())
    if as_json:
        print(json.dumps({"store": config.store, **asdict(found), "objections": against}))
    else:
        table = Table("question", "answer", title=config.store)
        for answer in answers:
            table.add_row(answer.question, answer.answer)
        paper.print(table)
    for sentence in found.warnings:
        talk.print(sentence, markup=False)
    for sentence in against:
        complain(sentence, Exit.ERROR)
    return Exit.ERROR if against else Exit.OK


def finish_commits(store: Store) -> None:
    """What a kill between the steps of a commit left: tombstones without a run, runs that nobody announced."""
    now = clock.now()
    if hidden := commit_left(store, now):
        talk.print(f"{hidden} request(s) to hide, cut short before, are committed now")
    announced, waiting = announce_left(store, now)
    if announced:
        talk.print(f"{announced} run(s) that nobody had announced are in changes/ now")
    if waiting:
        talk.print(
            f"{waiting} run(s) are not announced yet, and may be somebody's who is at it; publish again in an hour"
        )


@contextmanager
def shipping(store: Store, folder: Path) -> Iterator[None]:
    """Uploads what the run in `folder` seals, while it runs: an object store is far, and a day's WARCs need not wait for the evening.

    Whatever fails is left to the end of the run, which publishes everything in any case and finds there what is already stored.
    Nothing is shown to readers by this: only a manifest does that.
    """
    if store.at_once == 1:  # a folder is near
        yield
        return
    shipper = _Shipper(store, folder)
    shipper.start()
    try:
        yield
    finally:
        shipper.stop.set()
        shipper.join()


class _Shipper(threading.Thread):
    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__(name="shipping", daemon=True)
        self.store, self.folder = store, folder
        self.stop = threading.Event()
        self._done: set[str] = set()

    def run(self) -> None:
        while not self.stop.wait(POLL):
            try:
                self._ship()
            except (StoreError, OSError) as error:
                talk.print(f"not uploaded yet, the crawl goes on: {error}", markup=False, style="dim")
                self.stop.wait(REST)

    def _ship(self) -> None:
        for path in sorted(self.folder.glob("*.warc.gz")):
            name = segment_name(path.name)
            index = path.with_name(path.name.replace(".warc.gz", ".cdxj.gz"))
            if name is None or path.name in self._done or not index.exists():
                continue
            self.store.put_file(name.warc, path)
            if self.stop.is_set():
                return
            self.store.put_file(name.cdxj, index)
            self._done.add(path.name)
