"""Copies of X posts in the Wayback Machine: the index first, then one copy's original bytes.

A copy fills the text of a post that is gone; what the live answers said stays the post's status. JSON copies (of the old
API) are better than HTML.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from archiver.platforms.base import PostRef
from archiver.platforms.failures import drift, failure
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import Unreadable, a_dict, by_class, json_of, nodes, parse_json, text_of, tree_of
from archiver.platforms.steps import Answer, Draft, Reading, Step
from archiver.platforms.x import api, page
from archiver.platforms.x import text as words
from archiver.platforms.x import url as x
from archiver.reasons import NotAttempted, PostOutcome

INDEX, METHOD = "wayback-index", "wayback"
COPIES_MAX = 2
ROWS_MAX = 5000
_TIME = re.compile(r"\d{14}")


def index_steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """All copies of the post's page under both host names, whatever follows the id in its URL."""
    return [_index_step(domain, ref, options) for domain in ("twitter.com", "x.com")]


def _index_step(domain: str, ref: PostRef, options: PlatformOptions) -> Step:
    query = {
        "url": f"{domain}/{ref.username or 'i'}/status/{ref.native_id}*",
        "output": "json",
        "fl": "timestamp,original,mimetype,statuscode",
        "filter": "statuscode:200",
        "limit": "50",
    }
    return Step(
        INDEX,
        options.url("wayback", "/cdx/search/cdx", query),
        host_pace=options.pace("wayback"),
        terms="third-party",
        endpoint="wayback",
        refused=None if options.wayback else NotAttempted.SWITCHED_OFF,
        only_if_gone=True,
    )


def copy_step(timestamp: str, original: str, like: Step) -> Step:
    """The original bytes of one copy; `like` is the step whose answer listed it."""
    base = like.url.partition("/cdx/search/cdx")[0]
    return replace(like, method=METHOD, url=f"{base}/web/{timestamp}id_/{original}")


def rows(answer: Answer) -> list[dict[str, str]]:
    """The index's rows by column name. Raises `Unreadable`."""
    if not answer.body.strip():
        return []
    value = json_of(answer)
    if not isinstance(value, list):
        raise Unreadable("the index is no list")
    head, *rest = value or [[]]
    names = [str(name) for name in head] if isinstance(head, list) else []
    kept = [row for row in rest[:ROWS_MAX] if isinstance(row, list) and len(row) == len(names)]
    return [dict(zip(names, (cell if isinstance(cell, str) else "" for cell in row), strict=True)) for row in kept]


def read_index(answer: Answer, ref: PostRef, step: Step) -> Reading:
    """`ok` with steps to the best copies, `not_found` when there is none."""
    if failed := failure(answer):
        return failed
    try:
        found = rows(answer)
    except Unreadable as problem:
        return drift(answer, problem)
    fitting = [row for row in found if _fits(row, ref)]
    if not fitting:
        return Reading(PostOutcome.NOT_FOUND, "no copy")
    best = sorted(fitting, key=lambda row: ("json" not in row.get("mimetype", ""), row["timestamp"]))
    leads = tuple(copy_step(row["timestamp"], row["original"], step) for row in best[:COPIES_MAX])
    return Reading(PostOutcome.OK, f"{len(fitting)} copies", leads=leads)


def _fits(row: dict[str, str], ref: PostRef) -> bool:
    shown = x.match(row.get("original", ""))
    return bool(_TIME.fullmatch(row.get("timestamp", ""))) and shown is not None and shown.native_id == ref.native_id


def read(answer: Answer, ref: PostRef) -> Reading:
    """The post as the copy shows it; `text_basis` is third-party whatever the copy holds."""
    if failed := failure(answer):
        return failed
    native_id = ref.native_id or ""
    post = _from_json(answer, native_id) or _from_page(answer, ref)
    if post is None:
        return Reading(PostOutcome.UNAVAILABLE, "the copy does not show the post")
    return Reading(PostOutcome.PARTIAL, "a copy in the Wayback Machine", replace(post, text_basis="third-party"))


def _from_json(answer: Answer, native_id: str) -> Draft | None:
    try:
        value: Any = parse_json(answer.body)
    except Unreadable:
        return None
    if data := a_dict(value, "data"):
        found = api.draft_of(data, a_dict(value, "includes"))
        return found if found and found.native_id == native_id else None
    for node in nodes(value):
        if "text" in node and "full_text" not in node:
            node = {**node, "full_text": node["text"]}
        if found := page.draft_of(node, native_id):
            return found
    return None


def _from_page(answer: Answer, ref: PostRef) -> Draft | None:
    tree = tree_of(answer.body)
    if tree is None:
        return None
    for value in page.script_values(tree):
        for node in nodes(value):
            if found := page.draft_of(node, ref.native_id or ""):
                return found
    return _old_markup(tree, ref) or page.from_metadata(tree, ref)


def _old_markup(tree: Any, ref: PostRef) -> Draft | None:
    """The page of the years before 2020: `.permalink-tweet` with the id and the text as markup."""
    for block in by_class(tree, "permalink-tweet"):
        text = text_of(next(iter(by_class(block, "tweet-text")), None))
        if block.get("data-tweet-id") != ref.native_id or not text or not ref.native_id:
            continue
        user = {"screen_name": block.get("data-screen-name"), "name": block.get("data-name")}
        author = words.author_of({**user, "id_str": block.get("data-user-id")})
        link = x.post(ref.native_id, author.username).canonical_url
        return Draft(
            platform=x.NAME,
            native_id=ref.native_id,
            id=x.post(ref.native_id).canonical_url,
            url=link,
            author=author,
            text=text,
        )
    return None
