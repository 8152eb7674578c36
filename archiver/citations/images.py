"""Pictures of posts: images whose description says that they show one (posts.md 3.2). They name no id.

Belongs here: the words that say so, and which network they name. Reading the picture itself is nobody's business here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from archiver.citations.found import Finding

IMAGES_MAX = 200
SAID_MIN = 8
"""Characters of a description that can say anything."""

_MAY_SAY = re.compile(r"[sS]creen|[tT]weet|[pP]ost|تغريدة|منشور|توییت|پست|ٹویٹ|پوسٹ|SCREEN|TWEET|POST")

_SAYS = re.compile(
    r"\bscreen ?(?:shot|grab|cap(?:ture)?)\w*\b.{0,60}?\b(?P<a>tweet|post|twitter|x|facebook|instagram|telegram|truth social|tiktok|reddit|threads"
    r"|bluesky|linkedin|youtube)\b|\b(?P<b>tweet|facebook post|instagram post|telegram post|truth social post|x post|bluesky post"
    r"|reddit post|linkedin post|threads post)\b.{0,40}?\b(?:by|from|of|reading|reads|says|shows?|screen ?(?:shot|grab))\b"
    r"|\bpost (?:by|from) @\w+|لقطة (?:شاشة|من) .{0,40}?(?P<c>تغريدة|منشور)|اسکرین ?شات .{0,40}?(?P<d>توییت|پست)|(?P<e>ٹویٹ|پوسٹ) کا اسکرین ?شاٹ",
    re.IGNORECASE,
)
_NETWORKS = (
    ("truthsocial", re.compile(r"truth social", re.IGNORECASE)),
    ("instagram", re.compile(r"instagram|انستغرام|اینستاگرام|انسٹاگرام", re.IGNORECASE)),
    ("facebook", re.compile(r"facebook|فيسبوك|فیسبوک|فیس بک", re.IGNORECASE)),
    ("telegram", re.compile(r"telegram|تلغرام|تلگرام|ٹیلی گرام", re.IGNORECASE)),
    ("tiktok", re.compile(r"tiktok", re.IGNORECASE)),
    ("reddit", re.compile(r"reddit", re.IGNORECASE)),
    ("threads", re.compile(r"\bthreads\b", re.IGNORECASE)),
    ("bluesky", re.compile(r"bluesky", re.IGNORECASE)),
    ("linkedin", re.compile(r"linkedin", re.IGNORECASE)),
    ("youtube", re.compile(r"youtube", re.IGNORECASE)),
    ("x", re.compile(r"tweet|twitter|\bx\b|تغريدة|توییت|ٹویٹ|إكس|ایکس", re.IGNORECASE)),
)
_USER = re.compile(r"@(\w{2,30})")


def pictures(tree: HtmlElement) -> Iterator[Finding]:
    """Images and figures whose alternative text or caption says that they show a post, the first `IMAGES_MAX` images."""
    seen: set[HtmlElement] = set()
    for count, image in enumerate(tree.iter("img", "amp-img")):
        if count >= IMAGES_MAX:
            return
        figure = next((node for node in image.iterancestors("figure")), None)
        if figure is not None and figure in seen:
            continue
        for said, attribute in ((image.get("alt") or "", "alt"), (_caption(figure), "figcaption")):
            said = " ".join(said[:1_000].split())
            if len(said) >= SAID_MIN and _MAY_SAY.search(said) and _SAYS.search(said) and (network := _network(said)):
                if figure is not None:
                    seen.add(figure)
                finding = Finding(
                    "image", network, None, image, "img", attribute, (image.get("src") or "")[:2083] or None
                )
                finding.label = said
                finding.note["username"] = user[1] if (user := _USER.search(said)) else ""
                yield finding
                break


def _caption(figure: HtmlElement | None) -> str:
    caption = figure.find(".//figcaption") if figure is not None else None
    return caption.text_content() if caption is not None else ""


def _network(said: str) -> str | None:
    """The network that a description names; a "post" of no network is no post of one."""
    return next((name for name, pattern in _NETWORKS if pattern.search(said)), None)
