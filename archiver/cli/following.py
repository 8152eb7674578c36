"""`follow`: the cited posts whose time has come, asked for again and published like any other run."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from archiver import clock
from archiver.archive import Archive
from archiver.cli.common import talk
from archiver.cli.crawling import run, sources_folder
from archiver.cli.exits import Exit
from archiver.config import Config, require_contact
from archiver.errors import UsageError
from archiver.following import Due, find_due
from archiver.frontier import Frontier
from archiver.settings import plan_of, post_options
from archiver.watching import concerned, learn


def follow_posts(config: Config, *, every: bool, folder: Path | None, verbose: bool, as_json: bool) -> int:
    """`archiver follow`: what is due; with `every` all cited posts."""
    require_contact(config)
    if not config.posts.follow:
        raise UsageError("archiver.toml: posts.follow is false, so no network is asked for posts")
    due = _due(config, every=every)
    if not len(due):
        if as_json:
            print("{}")
        talk.print(f"no cited post of {config.store} is due")
        return Exit.OK
    kinds = Counter(post.why for post in due.posts)
    told = [f"{kinds[why]} {label}" for why, label in LABELS.items() if kinds[why]]
    told += [f"{len(due.searches)} quotations to look for"] if due.searches else []
    talk.print(f"due: {', '.join(told)}")
    changes = {"ARCHIVER_SOURCES": [str(sources_folder(config, folder))]}
    return run(config, {"posts": {"due": due}}, changes, [], verbose=verbose, as_json=as_json)


def _due(config: Config, *, every: bool) -> Due:
    """What is due by the watch list in the frontier, which learns first what it has not seen of the archive's runs."""
    archive, now = Archive(config.store, optout=config.optout), clock.now()
    options = post_options(config, os.environ)
    if every:
        return find_due(archive, now, options, every=True)
    with Frontier(config.frontier_url, plan_of(config)) as frontier:
        learn(archive, frontier, options)
        names = frontier.watched_due(now)
        due = find_due(archive, now, options, names=names, runs=concerned(archive, frontier, names))
        frontier.unwatch(names - due.found)
    return due


LABELS = {"new": "never asked for", "retry": "to try again", "recheck": "to look at again"}
