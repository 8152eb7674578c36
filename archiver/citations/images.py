"""Pictures of posts: images whose description says that they show one. They name no id.

Belongs here: the words that say so, and which network they name. Reading the picture itself is nobody's business here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from archiver.citations.found import Finding

IMAGES_MAX = 200
SAID_MIN, SAID_MAX = 8, 1_000
"""Characters of a description that can say anything, and that are read."""

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
_TWEET = re.compile(r"\btweet\b", re.IGNORECASE)
_SHARE = re.compile(
    r"\W*(?:re)?tweet (?:this|it|to|on|about|button|icon|share|the (?:article|story|page))\b", re.IGNORECASE
)
_POST_BY = re.compile(r"\bpost (?:by|from) @\w", re.IGNORECASE)
_USER = re.compile(r"@(\w{2,30})")


def pictures(tree: HtmlElement) -> Iterator[Finding]:
    """Images whose alternative text, and figures whose caption, says that they show a post; the first `IMAGES_MAX` of each."""
    seen: set[HtmlElement] = set()
    images: list[HtmlElement] = []
    captions: list[HtmlElement] = []
    for element in tree.iter("img", "amp-img", "figcaption"):
        (captions if element.tag == "figcaption" else images).append(element)
    for image in images[:IMAGES_MAX]:
        if network := _network(image.get("alt") or ""):
            seen.update(image.iterancestors("figure"))
            yield _picture(image, image.get("alt") or "", "alt", network)
    for caption in captions[:IMAGES_MAX]:
        said = caption.text_content()
        figure = next(caption.iterancestors("figure"), None)
        if figure is None or figure in seen or not (network := _network(said)):
            continue
        pictured = next(figure.iter("img", "amp-img"), None)
        if pictured is not None:
            yield _picture(pictured, said, "figcaption", network)


def _picture(image: HtmlElement, said: str, attribute: str, network: str) -> Finding:
    finding = Finding("image", network, None, image, "img", attribute, (image.get("src") or "")[:2083] or None)
    finding.label = " ".join(said[:SAID_MAX].split())
    finding.note["username"] = user[1] if (user := _USER.search(finding.label)) else ""
    return finding


def _network(said: str) -> str | None:
    """The network whose post a description says that a picture shows, None for any other description."""
    said = said[:SAID_MAX]
    if len(said) < SAID_MIN or not _MAY_SAY.search(said):
        return None
    said = " ".join(said.split())
    if not _SAYS.search(said) and not (_TWEET.search(said) and len(said.split()) >= 3 and not _SHARE.match(said)):
        return None
    return next(
        (name for name, pattern in _NETWORKS if pattern.search(said)), "unknown" if _POST_BY.search(said) else None
    )
