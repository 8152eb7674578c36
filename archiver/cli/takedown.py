"""`takedown`: hide what must not be shown, list and lift, and, as a second step, take it out of the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast, get_args

from archiver import clock
from archiver.archive import Archive
from archiver.cli.common import complain, paper, talk
from archiver.cli.crawling import run_lock
from archiver.cli.exits import Exit
from archiver.cli.storing import finish_commits, folder_must_be_there, store_of
from archiver.config import Config
from archiver.errors import StoreError, UsageError, WarcError
from archiver.frontier import Frontier
from archiver.index import ArchiveIndex, update_index
from archiver.layout import segment_name, state_folder
from archiver.models.base import rfc3339
from archiver.models.tombstone import Scope, Tombstone
from archiver.settings import plan_of
from archiver.suppression import Suppressed
from archiver.takedown import apply, bury, lift, requested, stage_erasure, tombstones_for, unfinished
from archiver.takedown.bury import covered
from archiver.takedown.plan import Plan


def hide(config: Config, scope: str, target: str, *, reason: str, by: str, as_json: bool) -> int:
    """`archiver takedown hide`: tombstones, obeyed from the moment they are stored."""
    _said(reason=reason, by=by)
    if scope not in get_args(Scope):
        raise UsageError(f'"{scope}" is no scope; one of {", ".join(get_args(Scope))}')
    archive, now = _whole(config), clock.now()
    made = tombstones_for(
        archive, cast(Scope, scope), target, reason=reason, by=by, at=now, on_trouble=_pictures_not_found
    )
    before = [
        one
        for one in Suppressed(archive.tombstones()).tombstones
        if (one.scope, one.target) == (made[0].scope, made[0].target)
    ]
    bury(archive.store, made, now)
    _tell(made, as_json=as_json)
    _tell_hidden(archive, made, scope, target)
    for one in before:
        talk.print(f"{one.id} by {one.by} hides it as well: each request is lifted by itself", markup=False)
    if scope in ("url", "host", "article"):
        talk.print("to keep it from being asked for again, name it in optout.toml too")
    return Exit.OK


def _tell_hidden(archive: Archive, made: list[Tombstone], scope: str, target: str) -> None:
    """How much is hidden now. What cannot be counted is hidden all the same."""
    try:
        articles, posts = covered(archive.articles(), archive.posts(), archive.suppressed_by(made))
    except StoreError as error:
        talk.print(f"hidden now; how many documents that are cannot be told: {error}", markup=False)
        return
    if articles or posts or scope not in ("article", "post"):
        talk.print(
            f"{articles} article(s) and {posts} post document(s) are hidden now; the bytes stay: `archiver takedown erase`"
        )
    else:
        talk.print(
            f"no document has this name now; what is captured under it from now on is hidden: {target}", markup=False
        )


def _pictures_not_found(error: StoreError) -> None:
    complain(f"{error}", Exit.ERROR)
    complain("so the page's own pictures and files could not be found; when that is mended, hide it again", Exit.ERROR)


def show_list(config: Config, *, as_json: bool) -> int:
    """`archiver takedown list`: the tombstones in force."""
    archive = _whole(config)
    tombstones = archive.tombstones()
    done = [(run.started, set(run.erased)) for run in archive.runs() if run.erased]
    # What an erasure took out is gone for every request for the same that was made before it.
    gone = {(one.scope, one.target, when) for one in tombstones for when, names in done if one.id in names}
    erased = frozenset(
        one.id
        for one in tombstones
        if any((one.scope, one.target) == (scope, target) and one.at <= when for scope, target, when in gone)
    )
    _tell(Suppressed(tombstones).tombstones, as_json=as_json, erased=erased)
    return Exit.OK


def lift_tombstones(config: Config, ids: list[str], *, reason: str, by: str, as_json: bool) -> int:
    """`archiver takedown lift`: show again what was hidden, and say why."""
    _said(reason=reason, by=by)
    archive, now = _whole(config), clock.now()
    made = lift(archive, ids, reason=reason, by=by, at=now)
    bury(archive.store, made, now)
    _tell(made, as_json=as_json)
    _tell_shown(archive, made)
    return Exit.OK


def _tell_shown(archive: Archive, lifted: list[Tombstone]) -> None:
    """What is seen again, what stays hidden and by whom, and that what was erased does not come back."""
    were = archive.suppressed_by(one.model_copy(update={"revokes": None}) for one in lifted)
    still = archive.suppressed_by(archive.tombstones())
    back, others = 0, dict[str, int]()
    for covered_by in (
        *((still.covers_article(one)) for one in archive.articles() if were.covers_article(one)),
        *((still.covers_post(one)) for one in archive.posts() if were.covers_post(one)),
    ):
        if covered_by is None:
            back += 1
        else:
            others[covered_by.id] = others.get(covered_by.id, 0) + 1
    talk.print(f"{back} document(s) are shown again")
    for name, count in others.items():
        talk.print(f"{count} stay hidden by {name}")
    erased = {name for run in archive.runs() for name in run.erased}
    if gone := [one.revokes for one in lifted if one.revokes in erased]:
        talk.print(f"{len(gone)} of these tombstones were carried out: what was erased does not come back")


def erase_covered(config: Config, ids: list[str], *, with_copies: bool = False) -> int:
    """`archiver takedown erase`: what these tombstones cover goes out of the files."""
    archive = _whole(config)  # before the lock, which makes the spool's folder
    with run_lock(config) as free:
        if not free:
            return complain(f"{config.spool}: another run holds the lock; try again when it has ended", Exit.LOCKED)
        _finish(config, archive)
        try:
            folder = stage_erasure(archive, requested(archive, ids), config.spool, clock.now(), with_copies=with_copies)
        except WarcError as error:
            again = "nothing was changed; put a whole copy of the file back (`archiver check` tells whether it is) and erase again"
            return complain(f"{error}; {again}", Exit.ERROR)
        if folder is None and (elsewhere := _cut_short_elsewhere(archive)):
            return complain(elsewhere, Exit.ERROR)
        if folder is None:
            talk.print("nothing in the archive is covered; no file was touched")
            return Exit.OK
        _apply(config, archive, folder)
    return Exit.OK


def finish(config: Config) -> int:
    """`archiver takedown finish`: erasures that were cut short, and requests to hide that were."""
    archive = _whole(config)
    with run_lock(config) as free:
        if not free:
            return complain(f"{config.spool}: another run holds the lock; try again when it has ended", Exit.LOCKED)
        done = _finish(config, archive)
        finish_commits(archive.store)
        elsewhere = _cut_short_elsewhere(archive)
    talk.print(f"{done} erasure(s) finished")
    return complain(elsewhere, Exit.ERROR) if elsewhere else Exit.OK


def _cut_short_elsewhere(archive: Archive) -> str | None:
    """What is said where files of an erasure lie in the store that no manifest lists, and no plan in this spool tells of them."""
    listed = set(archive.files("warc/"))
    runs = {key.split("/")[-2] for key in archive.manifests()}
    left = [key for key in archive.store.list("warc/") if key not in listed]
    own = [key for key in left if (name := segment_name(key)) and name.run_id in runs]
    if not own:
        return None
    return (
        f"{own[0]}: no manifest lists it, though its run is published: an erasure was cut short, and its plan is in another spool; "
        "`archiver takedown finish` there (ARCHIVER_SPOOL names a spool)"
    )


def _finish(config: Config, archive: Archive) -> int:
    done = 0
    for folder in unfinished(config.spool):
        _apply(config, archive, folder)
        done += 1
    return done


def _apply(config: Config, archive: Archive, folder: Path) -> None:
    """Carries a plan out, and forgets that what went may be referred to. The frontier first: a lost original only costs bytes."""
    plan = Plan.load(folder)
    with Frontier(config.frontier_url, plan_of(config)) as frontier:
        frontier.drop_originals(
            gone.key for gone in plan.gone if segment_name(gone.key) and gone.key.startswith("warc/")
        )
    apply(archive.store, folder)
    forgotten(archive)
    talk.print(
        f"{plan.records} records are gone; {len(plan.puts)} files were issued again, {len(plan.gone)} deleted, "
        f"{len(plan.manifests)} manifests written anew; run {plan.run_id}",
        markup=False,
    )
    talk.print("copies, exports and backups elsewhere still hold it: do the same there")


def forgotten(archive: Archive) -> None:
    """What this machine made of the archive names no longer what is gone: the merged index is made again, a replay's own goes."""
    folder = state_folder(archive.store.url, "index")
    if ArchiveIndex.load(folder) is not None:
        update_index(archive.store, archive.files("cdxj/"), folder)
    replayed = state_folder(archive.store.url, "replay")
    for path in (*replayed.glob("index.*"), *replayed.glob("*.log")):
        path.unlink(missing_ok=True)


def _said(**given: str) -> None:
    for name, text in given.items():
        if not text.strip():
            raise UsageError(f"--{name} is empty; it is stored, and shown to who asks")


def _whole(config: Config) -> Archive:
    folder_must_be_there(config)
    archive = Archive(store_of(config), everything=True)
    if next(archive.manifests(), None) is None:
        raise UsageError(f"{config.store}: no published run here; name the archive with --store")
    archive.tombstones_must_be_there()
    return archive


def _tell(tombstones: list[Tombstone], *, as_json: bool, erased: frozenset[str] = frozenset()) -> None:
    for one in tombstones:
        if as_json:
            print(json.dumps(one.model_dump(mode="json"), ensure_ascii=False))
        else:
            line = f"{one.id}  {one.scope}  {one.target}  {rfc3339(one.at)}  {one.by}: {one.reason}"
            more = f"  lifts {one.revokes}" if one.revokes else "  (erased)" if one.id in erased else ""
            paper.print(line + more, markup=False)
