"""`replay`, `index` and `export wacz`: the archive to look at."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

from archiver.archive import Archive
from archiver.cli.common import talk
from archiver.cli.exits import Exit
from archiver.config import Config
from archiver.errors import UsageError
from archiver.index import update_index
from archiver.layout import state_folder
from archiver.replay import Collection, Replay, build_collection, find_environment, hidden_of
from archiver.replay.walk import walk


def replay_archive(config: Config, *, port: int, state: Path | None, banner: bool, check: bool) -> int:
    """`archiver replay`: serves until Ctrl-C or SIGTERM. The URL goes to stdout, everything else to stderr.

    With `check` every capture is asked for, and the exit code says whether the replay answered each as it was recorded.
    """
    environment = find_environment()
    archive = published(config)
    collection = build_collection(archive, hidden_of(archive), environment, state, banner=banner)
    left = "".join(f", {count} {reason}" for reason, count in sorted(collection.left_out.items()))
    with Replay(collection.folder, environment, port, collection.variables) as replay:
        previous = signal.signal(signal.SIGTERM, _interrupt)
        try:
            talk.print(f"{collection.lines} captures can be seen{left and f'; left out{left[1:]}'}")
            if check:
                return _walk(replay.url, collection)
            print(replay.url, flush=True)
            talk.print(f"one page: {replay.url}URL, or {replay.url}*/URL for all its captures; Ctrl-C ends it")
            code = replay.wait()
        except KeyboardInterrupt:
            talk.print("stopped")
            return Exit.OK
        finally:
            signal.signal(signal.SIGTERM, previous)
    talk.print(f"pywb ended by itself with {code}; {replay.log} says why")
    return Exit.ERROR


def _walk(url: str, collection: Collection) -> int:
    """Asks for all that can be seen. Damage is what the replay broke at or did not find."""
    walked = walk(url, collection.shown())
    for asked in walked.problems:
        got = asked.status or "no answer"
        talk.print(f"{asked.way} {asked.timestamp} {asked.url}: {asked.verdict}: {got}, recorded {asked.expected}")
    for (way, verdict), count in sorted(walked.counts.items()):
        print(f"{way} {verdict} {count}")
    if ours := sum(1 for line in collection.shown() if line.startswith(b"urn:")):
        talk.print(
            f"{ours} records of ours under a urn: (cards, accounts of pages, screenshots) have no web address to ask"
        )
    broken = any(verdict in ("server-error", "missing") for _, verdict in walked.counts)
    return Exit.DAMAGED if broken else Exit.OK


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def index_archive(config: Config, *, rebuild: bool) -> int:
    """`archiver index`: brings the merged index to what is published."""
    archive = published(config)
    folder = state_folder(archive.store.url, "index")
    if rebuild:
        (folder / "index.json").unlink(missing_ok=True)
    index = update_index(archive.store, archive.files("cdxj/"), folder)
    talk.print(f"{index.count} captures of {len(index.covered)} WARCs in {folder}, {len(index.pieces)} piece(s)")
    return Exit.OK


def published(config: Config) -> Archive:
    """The archive, when something is published in it. Raises `UsageError`."""
    archive = Archive(config.store, optout=config.optout)
    if next(iter(archive.manifests()), None) is None:
        raise UsageError(f"{config.store}: no published run here; name the archive with --store")
    return archive
