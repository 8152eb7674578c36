"""The cheap look at a page's text that decides whether the expensive passes run at all.

Belongs here: plain strings and patterns that any citation of a post must contain. It may be wrong in one direction only: what it
lets through is looked at properly, what it turns away is never seen.
"""

from __future__ import annotations

import re

_S = r"(?:/|\\/|%2f|%252f|\\u002f|&#x2f;|&#47;)"

# A string that must be there, and a pattern that must match if it is. Both work on the page in lower case.
# Embed code that also holds its post's URL needs no sign of its own: the URL is one.
_SIGNS: tuple[tuple[str, re.Pattern[str] | None], ...] = (
    ("status", re.compile(rf"status(?:es)?{_S}\d")),
    ("tweet", re.compile(
        r"twitter-tweet|tweet[-_]?id|tweet\.html|createtweet|embetty-tweet|blockquote[^>]{0,40}tweet|tweet[^<>]{0,100}[\"'=]\d{15,19}\b"
        r"|\d{15,19}[\"'][^<>]{0,100}tweet"
    )),
    ("twitter", re.compile(
        r"twitter[^<>]{0,100}[\"'=]\d{15,19}\b|[\"'=]\d{15,19}[\"'][^<>]{0,100}twitter|twitter\.com/embed/index"
    )),
    ("instagr", re.compile(rf"instagram-media|amp-instagram|instagr\.?am(?:\.com)?{_S}(?:[\w.]+{_S})?(?:p|reels?|tv){_S}"
        rf"|instagram[^<>]{{0,120}}code=[\"'][\w-]{{10,12}}[\"']")),
    ("facebook", re.compile(
        rf"facebook\.com{_S}(?:[\w.%-]{{1,60}}{_S}){{0,4}}(?:posts|videos|photos?|permalink|story|reel|watch|plugins{_S}(?:post|video)"
        rf"|share{_S}\w+{_S}?[\"'?])|l\.facebook\.com{_S}l\.php"
    )),
    ("fb.", re.compile(r"fb\.(?:watch|com)/")),
    ("tiktok", re.compile(rf"tiktok-embed|tiktok\.com{_S}(?:@[\w.]*{_S}(?:video|photo)|embed|player|t{_S}|v{_S})|v[mt]\.tiktok\.com{_S}\w")),
    ("youtu", re.compile(
        rf"youtu\.be{_S}[\w-]{{11}}|youtube(?:-nocookie)?\.com{_S}(?:embed|shorts|live|v|watch)|(?:amp|lite)-youtube|type=.?youtube"
        rf"|youtube[^<>]{{0,120}}=[\"'][\w-]{{11}}[\"']|=[\"'][\w-]{{11}}[\"'][^<>]{{0,60}}youtube"
    )),
    ("bsky", re.compile(rf"bsky\.app{_S}(?:profile{_S}.{{1,80}}{_S}post|embed)|at:{_S}{_S}|feed\.post{_S}")),
    ("t.me", re.compile(rf"t\.me{_S}(?:s{_S})?\w{{4,32}}{_S}\d")),
    ("tgme_widget", None),
    ("ytimg.com/vi", re.compile(r"=[\"'][\w-]{11}[\"']")),
    ("pgjsb2nrcxvvdgu", None),  # base64 of "<blockquote" and of "<iframe"
    ("pglmcmftz", None),
    ("telegram", re.compile(rf"telegram-post|telegram\.(?:me|dog){_S}")),
    ("truthsocial.com", re.compile(rf"truthsocial\.com{_S}(?:@|%40|users)")),
    ("threads.", re.compile(rf"threads\.(?:net|com){_S}(?:@|%40|t{_S})")),
    ("redd", re.compile(rf"reddit-(?:embed|card)|redd\.it{_S}|redditmedia|reddit\.com{_S}.{{0,60}}?(?:comments|{_S}s{_S})")),
    ("linkedin", re.compile(rf"linkedin\.com{_S}(?:posts|feed|embed)")),
    ("/@", re.compile(r"/@[\w.]+(?:@[\w.-]+)?/\d{14}")),
    ("//t.co/", re.compile(r"href=[\"'\\]{0,2}https?://t\.co/\w{5}")),
    ("lnkd.in/", None),
    ("iframe.ly", None),
    ("embedly.com/widgets", None),
)  # fmt: skip

BEFORE, AFTER = 60, 160
"""Characters around a sign in which its pattern must match: looking there is many times as fast as searching the page."""

_SIGNATURE = re.compile(r"(?:—|–|&mdash;|&#8212;|&ndash;|--)\s*[^<>()\n]{1,80}\(@$")
_NEEDLES = tuple((needle.encode(), pattern) for needle, pattern in _SIGNS)


def folded(html: str) -> bytes:
    """Markup as the functions below want it: UTF-8 in ASCII lower case. Bytes are searched several times as fast as text."""
    return html.encode("utf-8", "replace").lower()


def may_cite(low: bytes) -> bool:
    """Whether folded markup can hold a post of any network: embed code, a URL of a post, or an embed's signature."""
    return any(_has(low, needle, pattern) for needle, pattern in _NEEDLES) or has_signature(low)


def has_signature(low: bytes) -> bool:
    """Whether the text of an embed may stand in folded markup without its code: "— Name (@username)"."""
    return _has(low, b"(@", _SIGNATURE, after=2)


def _has(low: bytes, needle: bytes, pattern: re.Pattern[str] | None, after: int = AFTER) -> bool:
    at = low.find(needle)
    while at >= 0:
        if pattern is None or pattern.search(low[max(0, at - BEFORE) : at + after].decode("utf-8", "ignore")):
            return True
        at = low.find(needle, at + len(needle))
    return False
