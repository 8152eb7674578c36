"""X posts that have no link: by author, words and days, without a key where that is possible.

Belongs here: the requests and the readings. No first-party keyless search exists: what comes first gives an author's posts or
ids in a window of time, and much ends without a find, which is an outcome to keep. Comparing words is for `citations`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from lxml import etree

from archiver.models.post import PostAuthor
from archiver.models.resolution import Window
from archiver.platforms import pages
from archiver.platforms.base import within
from archiver.platforms.failures import drift, failure, moment_of
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import BODY_MAX, Unreadable, a_dict, clean, dicts, glimpse, tree_of
from archiver.platforms.steps import Answer, Draft, Listing, Step
from archiver.platforms.x import api, fxtwitter, page, wayback
from archiver.platforms.x import url as x
from archiver.reasons import NotAttempted, PostOutcome

TIMELINE, INDEX, BING, RECENT, THIRD = "timeline", "wayback-index", "bing", "api-search", fxtwitter.SEARCH
FOUND_MAX = 200
QUERY_MAX = 512
"""Characters of a query that both searches of the paid API take."""

WHOLE, LAST_DAYS = "/2/tweets/search/all", "/2/tweets/search/recent"
RECENT_DAYS = timedelta(days=7)
QUERY_POSTS = 10

_WORD = re.compile(r"[^\W_]+(?:[’'‌-][^\W_]+)*")
_SPLIT = re.compile(r"\[[^\]]*\]|\([^)]*\)|…|\.{3}|[“”\"«»]")


def phrase(quote: str, words: int = 8) -> str:
    """The longest run of words without an editor's insertion, at most `words` of it."""
    runs = [_WORD.findall(part) for part in _SPLIT.split(quote)]
    return " ".join(max(runs, key=len, default=[])[:words])


def rare(quote: str, count: int = 3) -> list[str]:
    """The longest words of a quotation, in its order: what a reworded version most likely keeps."""
    words = list(dict.fromkeys(_WORD.findall(quote)))
    chosen = set(sorted(words, key=lambda word: (-len(word), words.index(word)))[:count])
    return [word for word in words if word in chosen]


def text_steps(username: str, quote: str, window: Window, options: PlatformOptions) -> list[Step]:
    """The searches in order; the caller asks the archive itself first. `username` is without `@`."""
    keyless = [
        _timeline(username, options),
        *(_index(domain, username, window, options) for domain in ("twitter.com", "x.com")),
        _bing(username, quote, options),
    ]
    paid = _paid(username, quote, window, options)
    chain = [*paid, *keyless] if options.x_bearer_use == "first" else [*keyless, *paid]
    return [*chain, _third(username, quote, window, options)]


def _timeline(username: str, options: PlatformOptions) -> Step:
    """The embed timeline: one try an author and day, 429 is normal."""
    return Step(
        TIMELINE,
        options.url("x.timeline", f"/srv/timeline-profile/screen-name/{username}"),
        host_pace=options.pace("x.timeline"),
        terms="x-tos",
        endpoint="x.timeline",
        refused=None if options.x_keyless else NotAttempted.TERMS,
    )


def _index(domain: str, username: str, window: Window, options: PlatformOptions) -> Step:
    query = {
        "url": f"{domain}/{username}/status/*",
        "output": "json",
        "fl": "timestamp,original,mimetype,statuscode",
        "collapse": "urlkey",
    }
    if window.start:
        query["from"] = f"{window.start:%Y%m%d}"  # no copy is older than its post
    return Step(
        INDEX,
        options.url("wayback", "/cdx/search/cdx", query),
        host_pace=options.pace("wayback"),
        terms="third-party",
        endpoint="wayback",
        refused=None if options.wayback else NotAttempted.SWITCHED_OFF,
    )


def _bing(username: str, quote: str, options: PlatformOptions) -> Step:
    query = {"format": "rss", "q": f'site:x.com/{username} "{phrase(quote)}"'}
    return Step(
        BING,
        options.url("bing", "/search", query),
        host_pace=options.pace("bing"),
        terms="third-party",
        endpoint="bing",
        refused=None if options.bing and phrase(quote) else NotAttempted.SWITCHED_OFF,
    )


def _paid(username: str, quote: str, window: Window, options: PlatformOptions) -> list[Step]:
    """Two queries: by the wording, and by its rare words alone, since quotations are reworded."""
    words = " ".join(rare(quote))
    queries = [f'from:{username} ("{phrase(quote)}" OR ({words})) -is:retweet', f"from:{username} {words} -is:retweet"]
    return [_paid_step(query, window, options) for query in queries if words]


def _paid_step(words: str, window: Window, options: PlatformOptions) -> Step:
    query = {"query": words[:QUERY_MAX], "max_results": str(QUERY_POSTS), **api.FIELDS}
    for name, moment in (("start_time", window.start), ("end_time", window.end)):
        if moment:
            query[name] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return api.request(RECENT, WHOLE, query, QUERY_POSTS * api.POST_USD, options)


def _third(username: str, quote: str, window: Window, options: PlatformOptions) -> Step:
    words = f"from:{username} {' '.join(rare(quote))}"
    if window.start and window.end:
        words += f" since:{window.start:%Y-%m-%d} until:{window.end:%Y-%m-%d}"
    query = {"q": words[:512], "feed": "latest", "count": "50"}
    return Step(
        THIRD,
        options.url("x.fxtwitter", "/2/search", query),
        host_pace=options.pace("x.fxtwitter"),
        terms="third-party",
        dont_redirect=True,
        endpoint="x.fxtwitter",
        refused=NotAttempted.THIRD_PARTY_OFF if options.third_party == "off" else None,
    )


def read_text(step: Step, answer: Answer, username: str, window: Window) -> Listing:
    """The author's posts inside the window that an answer shows; ids without text where only an index was asked."""
    readers = {
        TIMELINE: _read_timeline,
        INDEX: _read_index,
        BING: _read_bing,
        RECENT: api.read_search,
    }
    listing = fxtwitter.read_search(answer, step) if step.method == THIRD else readers[step.method](answer)
    if step.method == RECENT and answer.status == 403 and WHOLE in step.url and _recent(answer, window):
        # A token that may not search the whole archive may search the last days.
        listing = replace(listing, leads=(replace(step, url=step.url.replace(WHOLE, LAST_DAYS)),))
    kept = [post for post in listing.posts if _fits(post, username, window)]
    return replace(listing, posts=tuple(kept[:FOUND_MAX]))


def _recent(answer: Answer, window: Window) -> bool:
    """Whether the window begins in the days that the recent search knows, by the answer's own Date."""
    now = moment_of(answer)
    return bool(now and window.start and now - window.start < RECENT_DAYS)


def _fits(post: Draft, username: str, window: Window) -> bool:
    if post.repost_of:
        return False  # somebody else's words
    if post.author.username and post.author.username.lower() != username.lower():
        return False
    return within(x.id_time(post.native_id) or post.published, window)


def _failed(answer: Answer, problem: Unreadable | str | None = None) -> Listing | None:
    reading = failure(answer) or (drift(answer, problem) if problem is not None else None)
    return Listing(reading.outcome, reading.reason_text, retry_after=reading.retry_after) if reading else None


def _read_timeline(answer: Answer) -> Listing:
    """The page's state; its posts are not newest-first."""
    if failed := _failed(answer):
        return failed
    tree = tree_of(answer.body)
    values = list(pages.script_values(tree, "pageProps")) if tree is not None else []
    state: Any = next((value for value in values if a_dict(value, "props", "pageProps", "timeline")), None)
    if state is None:
        return _failed(answer, "no timeline in the page") or Listing(PostOutcome.SCHEMA_DRIFT)
    entries = dicts(state, "props", "pageProps", "timeline", "entries")
    posts = [a_dict(entry, "content", "tweet") for entry in entries]
    drafts = [page.draft_of(post, str(post.get("id_str"))) for post in posts]
    return Listing(PostOutcome.OK, None, tuple(draft for draft in drafts if draft))


def _read_index(answer: Answer) -> Listing:
    if failed := _failed(answer):
        return failed
    try:
        rows = wayback.rows(answer)
    except Unreadable as problem:
        return _failed(answer, problem) or Listing(PostOutcome.SCHEMA_DRIFT)
    return Listing(PostOutcome.OK, None, _of_urls(row.get("original", "") for row in rows))


def _read_bing(answer: Answer) -> Listing:
    if failed := _failed(answer):
        return failed
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False, huge_tree=False)
        tree = etree.fromstring(answer.body[:BODY_MAX], parser)
    except (etree.XMLSyntaxError, ValueError):
        return _failed(answer, f"no RSS: {glimpse(answer.body)}") or Listing(PostOutcome.SCHEMA_DRIFT)
    if tree.tag != "rss":
        return Listing(PostOutcome.SCHEMA_DRIFT, f"no RSS: <{clean(str(tree.tag))[:40]}>")
    return Listing(PostOutcome.OK, None, _of_urls(link.text or "" for link in tree.iterfind("./channel/item/link")))


def _of_urls(urls: Any) -> tuple[Draft, ...]:
    found: dict[str, Draft] = {}
    for url in urls:
        ref = x.match(url)
        if ref is None or ref.native_id is None:
            continue
        link = ref.canonical_url
        author = PostAuthor(username=ref.username)
        found.setdefault(ref.native_id, Draft(x.NAME, ref.native_id, x.post(ref.native_id).canonical_url, link, author))
    return tuple(found.values())
