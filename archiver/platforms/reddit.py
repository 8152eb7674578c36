"""Reddit: which URL is a post or a comment, and what oEmbed and the embed page say. Media hosts (`i.redd.it`) are no posts.

The `.json` forms answer 403 to everyone without a login and are not asked.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from archiver.platforms import pages
from archiver.platforms.base import PostRef, address
from archiver.platforms.failures import drift
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import a_text
from archiver.platforms.steps import Answer, Reading, Step
from archiver.reasons import PostOutcome

NAME = "reddit"
LABEL = "Reddit"
HOSTS = ("reddit.com", "redd.it", "redditmedia.com")
REDIRECTS: tuple[str, ...] = ()

_COMMENTS = re.compile(
    r"(?:/(?:r|user|u)/(?P<sub>[\w.-]+))?/comments/(?P<id>[a-z0-9]{3,13})"
    r"(?:/comment/(?P<comment2>[a-z0-9]{3,13})|/[^/]*/(?P<comment>[a-z0-9]{3,13}))?(?:/.*)?",
    re.IGNORECASE,
)
_SHORT = re.compile(r"/(?P<id>[a-z0-9]{4,13})/?", re.IGNORECASE)
_SHARE = re.compile(r"/(?:r|u|user)/(?P<sub>[\w.-]+)/s/(?P<code>\w{6,16})/?", re.IGNORECASE)


def match(url: str) -> PostRef | None:
    """`/r/SUB/comments/ID`, a comment below it, `redd.it/ID`, and `/r/SUB/s/CODE`, which needs one redirect."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    if at.on("redd.it"):
        found = _SHORT.fullmatch(at.path) if at.host in ("redd.it", "www.redd.it") else None
        return post(found["id"]) if found else None
    if found := _SHARE.fullmatch(at.path):
        url = f"https://www.reddit.com/r/{found['sub']}/s/{found['code']}"
        return PostRef(NAME, None, url, extra={"needs": "redirect", "subreddit": found["sub"]})
    found = _COMMENTS.fullmatch(at.path)
    return post(found["id"], found["comment"] or found["comment2"], found["sub"]) if found else None


def post(number: str, comment: str | None = None, subreddit: str | None = None) -> PostRef:
    """The reference to a post, or to a comment of it, by their base 36 ids."""
    number = number.lower()
    url = f"https://www.reddit.com/comments/{number}/"
    extra = {"subreddit": subreddit} if subreddit else {}
    if comment:
        comment = comment.lower()
        return PostRef(NAME, f"t1_{comment}", f"{url}comment/{comment}/", extra={**extra, "post": f"t3_{number}"})
    return PostRef(NAME, f"t3_{number}", url, extra=extra)


def id_time(native_id: str) -> datetime | None:
    """Always None: ids are counted."""
    return None


_SAID = (
    ("[deleted by user]", PostOutcome.DELETED),
    ("deleted by the person", PostOutcome.DELETED),
    ("[removed]", PostOutcome.UNAVAILABLE),
    ("[ removed by", PostOutcome.UNAVAILABLE),
    ("removed by moderator", PostOutcome.UNAVAILABLE),
)


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """oEmbed, then the page that the embed frame shows."""
    pace = options.pace("reddit")
    path = ref.canonical_url.partition("reddit.com")[2]
    oembed = options.url("reddit", "/oembed", {"url": ref.canonical_url})
    return [
        Step("oembed", oembed, host_pace=pace, dont_redirect=True, endpoint="reddit"),
        Step("page", options.url("reddit.embed", path), host_pace=pace, endpoint="reddit.embed"),
    ]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """Partial at most: the title, and the first words of the text."""
    if step.method == "oembed":
        value = pages.read_oembed(answer)
        if isinstance(value, Reading):
            return value
        draft = pages.draft_of_oembed(value, ref, text=a_text(value, "title"))
        author = draft.author.model_copy(update={"username": draft.author.name})
        return _told(Reading(PostOutcome.PARTIAL, None, replace(draft, author=author)))
    tree = pages.page_of(answer)
    if isinstance(tree, Reading):
        return tree
    if node := pages.posting(tree):
        return _told(Reading(PostOutcome.PARTIAL, None, pages.draft_of_posting(node, ref)))
    found = pages.draft_of_metadata(tree, ref)
    return _told(Reading(PostOutcome.PARTIAL, None, found)) if found else drift(answer, "no words about a post")


def _told(reading: Reading) -> Reading:
    """Reddit keeps the shell of a post that is gone; its words say so in place of the text."""
    text = (reading.post.text or "").strip().lower() if reading.post else ""
    outcome = next((o for words, o in _SAID if text.startswith(words)), None)
    return Reading(outcome, text) if outcome else reading
