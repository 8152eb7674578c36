"""The first step: tombstones. From the moment they are stored, readers leave out what they cover.

Belongs here: which tombstones a request needs, and committing them as a run of their own, so that whoever follows `changes/` learns it.
"""

from __future__ import annotations

import gzip
import re
import uuid
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from archiver.archive import Archive
from archiver.changes import GRACE_OF_REQUEST
from archiver.config import software_version
from archiver.errors import StoreError, UsageError
from archiver.events import record_ingestion
from archiver.layout import is_run_id, new_run_id, run_of_part
from archiver.models import Article, RunFile, RunManifest
from archiver.models.post import Post
from archiver.models.tombstone import Scope, Tombstone
from archiver.parts import pack
from archiver.platforms import match
from archiver.platforms.steps import INDEX_METHODS
from archiver.publish import commit
from archiver.store import Store
from archiver.suppression import Suppressed
from archiver.takedown.own import own_requisites
from archiver.urls import absolute, canonical, document_id, host_of, is_public_suffix

_PARTIAL_ADDRESS = re.compile(r"\d+(?:\.\d+){0,2}")
"""The end of an IPv4 address, which would be the end of many."""


def tombstones_for(
    archive: Archive,
    scope: Scope,
    target: str,
    *,
    reason: str,
    by: str,
    at: datetime,
    on_trouble: Callable[[StoreError], None],
) -> list[Tombstone]:
    """The tombstones that a request needs. An article goes with the URLs of its captures and those of the requisites that only its
    pages had, a post with those that showed it alone.

    `archive` must show everything. What keeps the requisites from being found goes to `on_trouble`: the rest is hidden all the same.
    Raises `UsageError` for a target that its scope cannot have.
    """

    def one(kind: Scope, what: str) -> Tombstone:
        return Tombstone(id=uuid.uuid4().urn, scope=kind, target=what, reason=reason, at=at, by=by)

    if scope == "article":
        name, urls, found = _article(archive, target)
        try:
            urls += [url for url in own_requisites(archive, found) if url not in urls]
        except StoreError as error:
            on_trouble(error)
        return [one("article", name), *(one("url", url) for url in urls)]
    if scope == "post":
        name, urls = _post(archive, target)
        return [one("post", name), *(one("url", url) for url in urls)]
    if scope == "url" and absolute(target) is None:
        raise UsageError(f'"{target}" is no http(s) URL; write it whole, such as https://www.example.com/page')
    if scope == "host":
        name = target.strip().lower().rstrip(".")
        if not name or host_of(f"http://{name}/") != name or _PARTIAL_ADDRESS.fullmatch(name):
            raise UsageError(f'"{target}" is no host name; write it without scheme and path, such as example.com')
        if is_public_suffix(name):
            raise UsageError(
                f'"{target}" is no host: everybody\'s names are below it; name the site, such as example.{name}'
            )
        return [one("host", name)]
    if scope == "run" and not is_run_id(target):
        raise UsageError(f'"{target}" is no run id; the names of the folders below runs/ are')
    return [one(scope, target)]


def _article(archive: Archive, target: str) -> tuple[str, list[str], list[Article]]:
    """The document id, the URLs under which the article was captured, redirects included, and its documents."""
    if target.startswith("urn:uuid:"):
        found = [one for one in archive.articles() if target in (one.id, one.version_id)]
        if not found:
            raise UsageError(f"{target}: no article with this id; give its URL to keep it out from now on")
    elif absolute(target):
        wanted = Suppressed([_probe("article", document_id(canonical(target))), _probe("url", target)])
        found = [one for one in archive.articles() if wanted.covers_article(one)]
    else:
        raise UsageError(f'"{target}" is neither a URL nor a document id')
    name = found[0].id if found else document_id(canonical(target))
    urls = {} if target.startswith("urn:") else {target: None}
    for article in found:
        urls |= dict.fromkeys([article.url, article.requested_url, *(hop.url for hop in article.redirects)])
    return name, list(urls), found


def _post(archive: Archive, target: str) -> tuple[str, list[str]]:
    """The post's id, and the URLs of the answers and media that are its own."""
    ref = match(target)
    if ref is None:
        raise UsageError(
            f'"{target}" is no post of a network that is known; `archiver takedown hide url` takes any URL'
        )
    wanted = Suppressed([_probe("post", ref.canonical_url)])
    urls: dict[str, None] = {}
    for post in archive.posts():
        if wanted.covers_post(post):
            own = (one.url for one in post.attempts if one.url and one.method not in INDEX_METHODS)
            urls |= dict.fromkeys([*own, *(medium.url for medium in post.media)])
    return ref.canonical_url, [url for url in urls if absolute(url)]


def _probe(scope: Scope, target: str) -> Tombstone:
    return Tombstone(id="-", scope=scope, target=target, reason="-", at=datetime.now(UTC), by="-")


def bury(store: Store, tombstones: Iterable[Tombstone], now: datetime) -> RunManifest:
    """Stores tombstones and commits them as a run. Raises `StoreError`; then nothing is committed, but what is stored counts already."""
    every = list(tombstones)
    run_id, day = new_run_id(now), f"{now.astimezone(UTC):%Y-%m-%d}"
    lines = (one.model_dump_json().encode() + b"\n" for one in every)
    part = pack(f"tombstones/v1/dt={day}/part-{run_id}-00000.jsonl.gz", lines)
    store.put(part.file.key, part.content)
    return _commit(store, run_id, part.file, every, now)


def _commit(store: Store, run_id: str, file: RunFile, every: Sequence[Tombstone], now: datetime) -> RunManifest:
    """Commits stored tombstones as the run `run_id`."""
    lifted = sum(1 for one in every if one.revokes)
    said = f"{lifted} tombstones lifted" if lifted else f"{len(every)} tombstones"
    manifest = RunManifest(
        run_id=run_id,
        started=now,
        finished=now,
        software=f"news-archiver/{software_version()}",
        store=store.findings(),
        files=[file.model_copy(update={"first_time": now, "last_time": now})],
        notes=[f"takedown: {said} by {every[0].by}: {every[0].reason}"],
    )
    commit(store, manifest)
    record_ingestion(store, manifest)
    return manifest


def commit_left(store: Store, now: datetime) -> int:
    """Commits tombstones that a killed request stored and no run has; how many requests there were. What was stored less than `GRACE_OF_REQUEST`
    ago may be somebody's who is still at it. Raises `StoreError`."""
    committed = {key.split("/")[-2] for key in store.list("runs/") if key.endswith("/_SUCCESS")}
    done = 0
    for stored in list(store.list_stored("tombstones/v1/")):
        run_id = run_of_part(stored.key)
        if run_id is None or run_id in committed or (stored.modified and now - stored.modified < GRACE_OF_REQUEST):
            continue
        content = store.read(stored.key)
        try:
            lines = gzip.decompress(content).splitlines(keepends=True)
            every = [Tombstone.model_validate_json(line) for line in lines]
        except (OSError, EOFError, zlib.error, ValueError):
            continue  # a torn one hides everything, and `archiver check` says so
        part = pack(stored.key, lines)
        if every and part.content == content:
            _commit(store, run_id, part.file, every, min(one.at for one in every))
            done += 1
    return done


def lift(archive: Archive, ids: Iterable[str], *, reason: str, by: str, at: datetime) -> list[Tombstone]:
    """Tombstones that revoke those with `ids` and what the same requests made beside them. Raises `UsageError`."""
    new = {"reason": reason, "by": by, "at": at}
    return [
        one.model_copy(update={**new, "id": uuid.uuid4().urn, "revokes": one.id}) for one in requested(archive, ids)
    ]


def requested(archive: Archive, ids: Iterable[str]) -> list[Tombstone]:
    """The tombstones in force with these ids, and those that the same requests made beside them: they are lifted, or erased, together.
    Raises `UsageError` for an id that none in force has."""
    known = {one.id: one for one in Suppressed(archive.tombstones()).tombstones}
    found: dict[str, Tombstone] = {}
    for name in ids:
        if name not in known:
            raise UsageError(f"{name}: no tombstone in force has this id; `archiver takedown list` shows them")
        found |= {one.id: one for one in known.values() if _request(one) == _request(known[name])}
    return list(found.values())


def _request(one: Tombstone) -> tuple[datetime, str, str]:
    """What tombstones of one request have in common: the instant, and who asked why."""
    return one.at, one.by, one.reason


def covered(articles: Iterable[Article], posts: Iterable[Post], suppressed: Suppressed) -> tuple[int, int]:
    """How many article and post documents are covered."""
    return (
        sum(1 for article in articles if suppressed.covers_article(article)),
        sum(1 for post in posts if suppressed.covers_post(post)),
    )
