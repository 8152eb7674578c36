"""`export`: parts of the archive in forms that others read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver import clock
from archiver.archive import Archive, moment_of
from archiver.cli.common import complain, talk
from archiver.cli.exits import Exit
from archiver.cli.replaying import published
from archiver.config import Config, software_version
from archiver.errors import StampError, SuppressedError, UsageError
from archiver.index import update_index
from archiver.layout import SegmentName, segment_name, source_of_series, state_folder
from archiver.replay import hidden_of
from archiver.replay.needs import Shelf
from archiver.replay.wacz import Choice, Written, must_be_able, stamp, write_wacz


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part: articles and posts by URL or id, or all of a run, of a source, of a time."""

    names: tuple[str, ...] = ()
    run: str | None = None
    source: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Stamping:
    """Who stamps a package's time (an address, none when empty), and the certificates that this authority must lead to."""

    url: str = ""
    authorities: Path | None = None


def export_wacz(
    config: Config, wanted: Wanted, output: Path, title: str | None, stamping: Stamping = Stamping()
) -> int:
    """`archiver export wacz`: one package. What could not be put in, or no time stamp, is said, and the exit code is then 1."""
    if wanted.names and any((wanted.run, wanted.source, wanted.since, wanted.until)):
        raise UsageError(
            "URLs and ids choose by themselves; --run, --source, --since and --until choose where none is given"
        )
    if stamping.authorities and not stamping.url:
        raise UsageError("--timestamp-ca says whom to believe; --timestamp says whom to ask")
    if stamping.url:
        must_be_able(stamping.url)
    archive = published(config)
    index = update_index(archive.store, archive.files("cdxj/"), state_folder(archive.store.url, "index"))
    shelf = Shelf(archive, index, hidden_of(archive))
    choice = Choice(shelf)
    if wanted.names:
        for name in wanted.names:
            _add_named(choice, archive, name)
    else:
        _must_be_there(archive, wanted)
        choice.add_segments(_segments(archive, wanted), moment_of(wanted.since), moment_of(wanted.until))
        choice.add_documents(archive.articles(wanted.source))
    made = write_wacz(
        output, choice, shelf, created=clock.now(), software=f"news-archiver {software_version()}", title=title
    )
    for problem in made.problems:
        complain(problem, Exit.ERROR)
    left = "".join(f", {count} {reason}" for reason, count in sorted(choice.left_out.items()))
    talk.print(
        f"{made.path}: {made.records} records, {made.pages} articles, {made.posts} posts{left and f'; left out{left[1:]}'}"
    )
    talk.print(f"datapackage.json has {made.digest}")
    stamped = not stamping.url or _stamp(made, stamping)
    return Exit.OK if stamped and not made.problems else Exit.ERROR


def _stamp(made: Written, stamping: Stamping) -> bool:
    try:
        given = stamp(made.path, made.digest, stamping.url, stamping.authorities)
    except StampError as error:
        complain(str(error), Exit.ERROR)
        return False
    whom = (
        f"by an authority of {stamping.authorities}" if given.trusted else "by an authority that nobody has vouched for"
    )
    talk.print(f"{given.path}: stamped at {given.moment:%Y-%m-%dT%H:%M:%SZ} {whom}")
    return True


def _add_named(choice: Choice, archive: Archive, name: str) -> None:
    """An article, or a post by any address of it."""
    if article := archive.article(name):
        choice.add_article(article)
    elif post := archive.post(name):
        choice.add_post(post, [name])
    elif known := archive.suppressed().covers_name(name):
        raise SuppressedError(f"{name}: {known.sentence}")
    else:
        raise UsageError(f"{name}: no article and no post with this URL or id in {archive.store.url}")


def _must_be_there(archive: Archive, wanted: Wanted) -> None:
    """Raises `UsageError` for a run or a source that the archive has nothing of."""
    runs, sources = list[str](), list[str]()
    for run in archive.runs():
        names = [name for file in run.files if file.key.startswith("warc/") and (name := segment_name(file.key))]
        runs += [run.run_id] if names else []
        sources += [one for name in names for one in (name.series, source_of_series(name.series))]
    for what, asked, known in (("run", wanted.run, runs), ("source", wanted.source, sources)):
        if asked and asked not in known:
            some = ", ".join(list(dict.fromkeys(reversed(known)))[:5])
            raise UsageError(f'no WARC of {what} "{asked}" in {archive.store.url}; it has {some}')


def _segments(archive: Archive, wanted: Wanted) -> Iterator[SegmentName]:
    """The WARCs of the run and source that are asked for."""
    runs = (run for run in archive.runs() if wanted.run in (None, run.run_id))
    for key in (file.key for run in runs for file in run.files if file.key.startswith("warc/")):
        name = segment_name(key)
        if name is None:
            continue
        if wanted.source and wanted.source not in (name.series, source_of_series(name.series)):
            continue
        yield name
