"""`crawl`, `capture` and `publish`: running Scrapy on a run's spool, then publishing it.

Belongs here: the life of a run, from its lock to its exit code. `scrapy crawl` exits 0 even when every write failed, so the
verdict is formed here, from the spool.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver import clock
from archiver.archive import Archive
from archiver.browser import find_chromium
from archiver.cli.common import complain, talk
from archiver.cli.exits import Exit
from archiver.cli.progress import watch
from archiver.cli.storing import cannot_store, finish_commits, folder_must_be_there, publish_again, shipping, store_of
from archiver.cli.telling import sound_drift, tell, told, verdict
from archiver.config import Config, require_contact, software_version
from archiver.errors import ArchiverError, RecordingError, StoreError, UsageError, WarcError
from archiver.expect import alarms
from archiver.frontier import Frontier
from archiver.frontier.schedule import EARLY
from archiver.layout import new_run_id
from archiver.models import RunManifest
from archiver.models.hints import ExtractHints
from archiver.publish import Workers, publish_run
from archiver.settings import PACKAGED_SOURCES, plan_of, post_options, rendering, settings_of
from archiver.sources import Source, read_sources
from archiver.spool import RunInfo, RunSpool, sweep, unpublished
from archiver.store import Store
from archiver.takedown import cut_short
from archiver.urls import absolute
from archiver.waiting import waiting
from archiver.watching import KnownPosts, learn

LEASE = 3600.0
"""Seconds for which a source is ours beyond the run's time budget, should this machine die."""


def crawl_sources(
    config: Config,
    ids: list[str],
    *,
    every: bool,
    folder: Path | None,
    verbose: bool,
    as_json: bool,
    due: bool = False,
    render: bool = False,
) -> int:
    """`archiver crawl`: the named sources, or all of them; with `due` only those whose time has come."""
    require_contact(config)
    post_options(config, os.environ)  # what cannot be meant is said before anything is fetched
    folder = sources_folder(config, folder)
    sources, errors = read_sources(folder)
    known = {source.id for source in sources}
    if every or (due and not ids):
        for error in errors:
            complain(error, Exit.ERROR)
        ids = sorted(known)
        if due and not ids:
            raise UsageError(f"{folder}: no source files here")
    if not ids:
        raise UsageError("name a source, or say --all or --due; `archiver sources list` shows them")
    for name in ids:
        if name not in known:
            about = [str(error) for error in errors if f"{name}.toml:" in str(error)]
            raise UsageError("\n".join(about) or f'no source "{name}" in {folder}; known: {", ".join(sorted(known))}')
    chosen = [source for source in sources if source.id in ids]
    changes = {"ARCHIVER_SOURCES": [str(folder)], "ARCHIVER_DUE_ONLY": due, "ARCHIVER_RENDER": render}
    if render or any(source.render for source in chosen):
        find_chromium(config.browser.executable)  # a sentence now, not in the middle of a run
    return run(config, {name: {} for name in ids}, changes, chosen, verbose=verbose, as_json=as_json)


def capture_pages(config: Config, urls: list[str], *, verbose: bool, as_json: bool, render: bool = False) -> int:
    """`archiver capture`: pages by URL."""
    require_contact(config)
    post_options(config, os.environ)  # as above
    urls = [_PASSWORD.sub("***@", url) for url in urls]
    problems = [f'"{url}": {_why_not(url)}' for url in urls if absolute(url) is None]
    if len(problems) == len(urls):
        raise UsageError("\n".join(problems))
    for problem in problems:
        complain(problem, Exit.ERROR)  # counted as refusals too; the other pages are captured
    if render:
        find_chromium(config.browser.executable)
    return run(config, {"page": {"urls": urls}}, {"ARCHIVER_RENDER": render}, [], verbose=verbose, as_json=as_json)


_PASSWORD = re.compile(r"(?<=://)[^/?#]*@")
"""Name and password in a URL: refused, and neither a log nor a manifest repeats them."""


def _why_not(url: str) -> str:
    """What keeps a typed URL from being asked for, and the next move."""
    if _PASSWORD.search(url):
        return "name and password have no place in a URL that is archived; leave them out"
    if "://" not in url and absolute(f"https://{url}"):
        return f"no scheme; did you mean https://{url} ?"
    return "no http(s) URL; write it whole, such as https://www.example.com/page"


def publish_left(config: Config) -> int:
    """`archiver publish`: what dead runs left. Raises `UsageError` where there is neither a folder nor anything for it."""
    folder_must_be_there(config)
    with run_lock(config) as free:
        if not free:
            return complain(f"{config.spool}: another run holds the lock; it will publish what is left", Exit.LOCKED)
        try:
            store = store_of(config)
        except StoreError as error:
            return cannot_store(config, error)
        with Frontier(config.frontier_url, plan_of(config)) as frontier:
            published, left = publish_spool(config, store, frontier)
            if not left:
                finish_commits(store)
    empty = "" if published or left else f"; none waits in {config.spool} (ARCHIVER_SPOOL names another)"
    talk.print(f"{published} run(s) published to {config.store}{empty}", markup=False)
    return Exit.UNPUBLISHED if left else Exit.OK


def run(
    config: Config,
    spiders: Mapping[str, Mapping[str, Any]],
    changes: Mapping[str, Any],
    sources: list[Source],
    *,
    verbose: bool,
    as_json: bool,
) -> int:
    """One run: mend what is left, crawl, publish, judge. Returns the exit code."""
    with run_lock(config) as free:
        if not free:
            return complain(f"{config.spool}: another run holds the lock; try again when it has ended", Exit.LOCKED)
        try:
            store = store_of(config)
        except StoreError as error:
            return cannot_store(config, error)
        with Frontier(config.frontier_url, plan_of(config)) as frontier:
            patience, store.patience = store.patience, 0.0  # a busy store must not keep the crawl waiting
            _, left = publish_spool(config, store, frontier)
            now = clock.now()
            if sources:
                mine = claimed(config, frontier, sources, now, due=bool(changes.get("ARCHIVER_DUE_ONLY")))
                spiders = {name: spiders[name] for name in mine}
            if not spiders:
                code = nothing_to_do(config, left, as_json=as_json)
                told(config, frontier, code, left, None, [], {})
                return code
            spool = begin_run(config, now, spiders, {source.id: source.extract for source in sources})
            settings = {**settings_of(config, spool.folder.name, spool.folder), **changes, "ARCHIVER_STARTED": now}
            settings["ARCHIVER_WAITING"] = waiting(config.spool) if left else frozenset()
            settings["ARCHIVER_KNOWN_POSTS"] = known_posts(config, store, frontier)
            if settings["ARCHIVER_RENDER"]:
                settings |= rendering(settings)
            settings["LOG_LEVEL"] = "INFO" if verbose else "ERROR"
            with shipping(store, spool.folder):
                crawl_in_process(settings, spiders)
            store.patience = patience
            reports = spool.reports()
            manifest = publish_one(spool, store, config, frontier)
            frontier.release([source.id for source in sources], lease_holder(config))
            below = alarms_of(frontier, sources, spool.folder.name)
            left += manifest is None
            code = Exit.UNPUBLISHED
            if manifest is not None:
                tell(manifest, config, as_json=as_json)
                code = verdict(manifest, reports, below) or (Exit.UNPUBLISHED if left else Exit.OK)
            told(config, frontier, code, left, manifest, reports, below)
    return code


def known_posts(config: Config, store: Store, frontier: Frontier) -> KnownPosts | None:
    """What quotations without a link are compared with first, once the frontier knows where it is. None where no network is asked, and
    while the store is away: the articles are captured all the same."""
    if not config.posts.follow:
        return None
    try:
        learn(Archive(store, optout=config.optout), frontier, post_options(config, os.environ))
    except StoreError as error:
        talk.print(f"quotations are not compared with archived posts in this run: {error}", markup=False)
        return None
    return KnownPosts(config.store, config.optout, config.frontier_url, plan_of(config))


def begin_run(
    config: Config, now: datetime, spiders: Mapping[str, Mapping[str, Any]], hints: dict[str, ExtractHints]
) -> RunSpool:
    """The spool of a new run; its lock is ours."""
    spool = RunSpool(config.spool / new_run_id(now))
    software = f"news-archiver/{software_version()}"
    own = {name: hints[name] for name in spiders if name in hints}
    spool.begin(RunInfo(run_id=spool.folder.name, started=now, software=software, sources=sorted(spiders), hints=own))
    return spool


def claimed(config: Config, frontier: Frontier, sources: list[Source], now: datetime, *, due: bool) -> list[str]:
    """The sources that this run crawls: with `due` those whose time has come, and never one that another machine crawls now."""
    holder = lease_holder(config)
    seconds = (config.crawl.max_time or LEASE) + LEASE
    mine = []
    for source in sources:
        if due and not is_due(frontier, source, now):
            continue
        if frontier.claim(source.id, holder, now, seconds):
            mine.append(source.id)
        else:
            talk.print(f"{source.id}: another machine crawls it now; left alone", markup=False)
    return mine


def is_due(frontier: Frontier, source: Source, now: datetime) -> bool:
    """Whether a source's `every` has passed and there is something to ask for: a poll or an article that is due."""
    if not frontier.source_due(source.id, source.every, now):
        return False
    feeds = (frontier.feed(source.id, item.url) for item in source.discover)
    return any(feed is None or feed.is_due(now) for feed in feeds) or bool(
        frontier.due(source.id, now + EARLY, limit=1)
    )


def lease_holder(config: Config) -> str:
    """This machine and spool: a run of ours that was killed is no obstacle for the next."""
    return f"{socket.gethostname()}:{config.spool.absolute()}"


def nothing_to_do(config: Config, left: int, *, as_json: bool) -> Exit:
    if as_json:
        print("{}")
    else:
        talk.print(f"nothing is due; {config.store} is as it was")
    return Exit.UNPUBLISHED if left else Exit.OK


def alarms_of(frontier: Frontier, sources: list[Source], run_id: str) -> dict[str, list[str]]:
    """Source -> what of this run is below its [expect] or far from its own past."""
    found = {}
    for source in sources:
        runs = frontier.history(source.id)
        now = next((past.measures for past in runs if past.run == run_id), None)
        past = [known.measures for known in runs if known.run < run_id]
        if now is not None and (sentences := alarms(now, past, source.expect)):
            found[source.id] = sentences
    return found


def crawl_in_process(settings: dict[str, Any], spiders: Mapping[str, Mapping[str, Any]]) -> None:
    """Runs the spiders to their end in this process, with a progress bar on a terminal."""
    from scrapy.crawler import CrawlerProcess

    process = CrawlerProcess(settings)
    crawlers = [process.create_crawler(name) for name in spiders]
    for crawler, arguments in zip(crawlers, spiders.values(), strict=True):
        process.crawl(crawler, **arguments)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with watch(crawlers):
        process.start()
    for number, handler in handlers.items():  # Scrapy's would swallow a Ctrl-C during publishing
        signal.signal(number, handler)
    logging.shutdown()


def publish_spool(config: Config, store: Store, frontier: Frontier) -> tuple[int, int]:
    """Publishes every run in the spool whose process is gone: (how many were, how many could not be). One stops no other, unless the
    store as a whole is away."""
    sweep(config.spool)
    if waits := cut_short(config.spool):
        talk.print(waits)
    published = left = 0
    away = False
    for run in unpublished(config.spool):
        if not run.take_lock():
            continue
        if away:
            run.release()
            left += 1
            continue
        troubles: list[ArchiverError] = []
        manifest = publish_one(run, store, config, frontier, troubles)
        if manifest is None:
            left += 1
            away = any(isinstance(error, StoreError) and error.temporary for error in troubles)
            continue
        published += 1
        talk.print(f"published run {manifest.run_id}, left by an earlier process: {manifest.articles} articles")
        sound_drift(manifest)
    if not away:
        tidy(config, store)
    return published, left


def tidy(config: Config, store: Store) -> None:
    """Takes away what killed publishers left half-written in the store; trouble in doing so is no trouble of the run."""
    try:
        store.tidy(config.spool)
    except StoreError as error:
        talk.print(f"not tidied: {error}", markup=False, style="dim")


def publish_one(
    run: RunSpool, store: Store, config: Config, frontier: Frontier, troubles: list[ArchiverError] | None = None
) -> RunManifest | None:
    """Publishes one run; None, and a sentence, when it has to stay in the spool."""
    try:
        return publish_run(run, store, workers_of(config), hints_of(config), frontier)
    except (StoreError, RecordingError, WarcError) as error:
        if troubles is not None:
            troubles.append(error)
        complain(error, Exit.UNPUBLISHED)
        complain(f"the run stays in {run.folder}; when this is mended, `{publish_again(config)}`", Exit.UNPUBLISHED)
        run.release()
        return None


def workers_of(config: Config) -> Workers:
    return Workers(config.workers, config.extract.page_time, config.extract.page_memory)


def hints_of(config: Config, folder: Path | None = None) -> dict[str, ExtractHints]:
    """The extraction hints of every source by id, which its WARCs' series bears."""
    return {source.id: source.extract for source in read_sources(sources_folder(config, folder))[0]}


def sources_folder(config: Config, folder: Path | None = None) -> Path:
    """Where the source files are: as typed, as configured, or those that come with the program."""
    if folder is None and config.archive.sources is None:
        return PACKAGED_SOURCES
    named = folder or Path(str(config.archive.sources))
    if not named.is_dir():
        raise UsageError(f"{named}: no such folder of source files")
    return named


@contextmanager
def run_lock(config: Config) -> Iterator[bool]:
    """Whether this process holds the spool's lock, for the length of the block."""
    try:
        config.spool.mkdir(parents=True, exist_ok=True)
        handle = os.open(config.spool / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ArchiverError(f"{config.spool}: the spool cannot be used: {error.strerror}; check its rights") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)
