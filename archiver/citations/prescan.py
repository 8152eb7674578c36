"""The cheap look at a page's text that decides whether the expensive passes run at all.

Belongs here: plain strings and patterns that any citation of a post must contain. It may be wrong in one direction only: what it
lets through is looked at properly, what it turns away is never seen.

All strings are looked for in one pass (Aho-Corasick), and what stands around one only where it occurs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.needles import Needles

_S = r"(?:/|\\/|%2f|%252f|\\u002f|&#x2f;|&#47;)"
_ID = r"(?<!widget-id)(?<!widget-id=)[\"'=]\d{15,19}\b"
_VIDEO = r"(?:id|video|key)=[\"'][\w-]{11}[\"']"


@dataclass(frozen=True, slots=True)
class _Sign:
    """A string that any citation of some kind holds, and what else must stand there.

    `at`: a pattern that must match from the string's place on; `around`: or patterns of which one must be found between `BEFORE` bytes
    before it and `reach` bytes behind, where `near` is found first. With neither, the string is enough. All in lower case.
    """

    string: bytes
    at: re.Pattern[bytes] | None
    around: tuple[re.Pattern[bytes], ...]
    near: re.Pattern[bytes] | None
    reach: int


def _sign(string: str, at: str = "", *around: str, near: str = "", reach: int = 40) -> _Sign:
    return _Sign(
        string.encode(),
        re.compile(at.encode()) if at else None,
        tuple(re.compile(pattern.encode()) for pattern in around),
        re.compile(near.encode()) if near else None,
        reach,
    )


# Embed code that also holds its post's URL needs no sign of its own: the URL is one. What can be told at the string itself stands in
# `at`: a pattern that is tried in one place costs a tenth of one that is looked for around it.
_SIGNS = (
    _sign("tweet", r"tweet(?:[-_]?id|\.html)|(?:(?<=create)|(?<=embetty-))tweet",
          r"blockquote[^>{},.]{0,40}tweet", rf"tweet[^<>]{{0,100}}{_ID}", r"\d{15,19}[\"'][^<>]{0,100}tweet",
          near=r"\d{15}|blockquote", reach=140),
    _sign("twitter", r"twitter(?:\.com/embed/index|(?<![.]twitter)-tweet(?!-button))",
          rf"twitter(?!-timeline)[^<>]{{0,100}}{_ID}", rf"{_ID}[\"'][^<>]{{0,100}}twitter", near=r"\d{15}", reach=140),
    _sign("youtu",
          rf"youtu(?:\.be{_S}[\w-]{{11}}|be(?:-nocookie)?\.com{_S}(?:embed|shorts|live|v|watch)|be[^<>]{{0,120}}{_VIDEO})"
          r"|(?:(?<=amp-)|(?<=lite-)|(?<=\stype=)|(?<=\stype=.))youtube",
          rf"{_VIDEO}[^<>]{{0,60}}youtube"),
    _sign("instagr",
          rf"instagr(?:(?<![.]instagr)am-media|\.?am(?:\.com)?{_S}(?:[\w.]+{_S})?(?:p|reels?|tv){_S}|am[^<>]{{0,120}}code=[\"'][\w-]{{10,12}}[\"'])"
          r"|(?<=amp-)instagram"),
    _sign("telegram", rf"telegram(?:-post|\.(?:me|dog){_S}(?:s{_S})?\w{{4,32}}{_S}\d)"),
    _sign("tgme_widget"),
    _sign("pgjsb2nrcxvvdgu"),  # base64 of "<blockquote" and of "<iframe"
    _sign("pglmcmftz"),
    _sign("status", rf"status(?:es)?{_S}\d"),
    _sign("facebook.com",
          rf"facebook\.com{_S}(?:[^\s\"'<>/\\]{{1,60}}{_S}){{0,4}}(?:posts|videos|photos?|permalink|story|reel|watch|plugins{_S}(?:post|video)"
          rf"|share{_S}(?:[pvr]{_S}|\w+{_S}?[\"'?])|l\.php)"),
    _sign("fb.", r"fb\.(?:watch|com)[/\\%]"),
    _sign("tiktok.com", rf"tiktok\.com{_S}(?:(?:@|%40)[\w.]*{_S}(?:video|photo)|embed|player|t{_S}|v{_S})|(?<=v[mt]\.)tiktok\.com{_S}\w"),
    _sign("bsky.app", rf"bsky\.app{_S}(?:profile{_S}.{{1,80}}{_S}post|embed)"),
    _sign("feed.post", "", r"did(?::|%3a)plc"),
    _sign("t.me", rf"t\.me{_S}(?:s{_S})?\w{{4,32}}{_S}\d|(?<=\w\.)t\.me{_S}\d"),
    _sign("truthsocial.com", rf"truthsocial\.com{_S}(?:@|%40|users)"),
    _sign("threads.", rf"threads\.(?:net|com){_S}(?:(?:@|%40)[\w.]+{_S}post|t{_S})"),
    _sign("redd", rf"redd(?:\.it{_S}|itmedia|it\.com{_S}.{{0,60}}?(?:comments|{_S}s{_S}))"),
    _sign("linkedin.com", rf"linkedin\.com{_S}(?:posts|feed|embed)"),
    _sign("//t.co/", "", r"href=[\"'\\]{0,2}https?://t\.co/\w{5}"),
    _sign("lnkd.in/"),
    _sign("ytimg.com/vi", "", r"data-[\w-]{0,20}id=[\"'][\w-]{11}[\"']", reach=160),
    _sign("iframe", r"iframe\.?ly\."),
    _sign("iframe.ly"),
    _sign("embedly.com/widgets"),
    _sign("/@", r"/@[\w.]+(?:@[\w.-]+)?(?:\\?/|\\u002f)\d{14}"),  # Mastodon, which may be on any host
    _sign("u002f@", r"u002f@[\w.]+(?:@[\w.-]+)?\\u002f\d{14}"),
    _sign("%2f@", r"%2f@[\w.]+%2f\d{14}"),
    _sign("%2f%40", r"%2f%40[\w.]+(?:%40[\w.-]+)?%2f\d{14}"),
)  # fmt: skip

BEFORE = 120
"""Bytes before a sign's string that are looked at."""

_SIGNATURE = re.compile(rb"(?:\xe2\x80[\x93\x94]|&mdash;|&#8212;|&ndash;|--)\s*[^<>()\n]{1,160}\(@$")
_NEEDLES = Needles([sign.string for sign in _SIGNS])


def folded(text: str) -> bytes:
    """A piece of a page as the functions below want it: UTF-8 in ASCII lower case, which is searched several times as fast as text.

    The page itself has it already (`Page.low`).
    """
    return text.encode("utf-8", "replace").lower()


@dataclass(frozen=True, slots=True)
class Signs:
    """Which signs of posts stand in a page: their numbers, and an embed's signature. What is inside the page, its scripts for one, need
    not be searched for others."""

    numbers: frozenset[int]
    signature: bool

    def __bool__(self) -> bool:
        return bool(self.numbers or self.signature)


def signs_in(low: bytes) -> Signs:
    """The signs that stand in folded markup: embed code, URLs of posts, an embed's signature. Without any it holds no post."""
    return Signs(frozenset(_standing(low)), has_signature(low))


def may_cite(low: bytes, among: Signs) -> bool:
    """Whether a folded piece of a page holds one of the page's signs."""
    return any(number in among.numbers for number in _standing(low)) or (among.signature and has_signature(low))


def _standing(low: bytes) -> Iterator[int]:
    """The numbers of the signs that stand in folded markup, each once."""
    found: set[int] = set()
    for number, at in _NEEDLES.find(low):
        if number not in found and _stands(_SIGNS[number], low, at):
            found.add(number)
            yield number


def has_signature(low: bytes) -> bool:
    """Whether the text of an embed may stand in folded markup without its code: "— Name (@username)"."""
    at = low.find(b"@")  # one byte is found many times as fast as two
    while at >= 0:
        if low[at - 1 : at] == b"(" and _SIGNATURE.search(low, max(0, at - BEFORE), at + 1):
            return True
        at = low.find(b"@", at + 1)
    return False


def _stands(sign: _Sign, low: bytes, at: int) -> bool:
    """Whether what must stand there stands around a sign's string at `at`."""
    if sign.at is None and not sign.around:
        return True
    if sign.at is not None and sign.at.match(low, at):
        return True
    start, end = max(0, at - BEFORE), at + sign.reach
    return (sign.near is None or sign.near.search(low, start, end) is not None) and any(
        pattern.search(low, start, end) for pattern in sign.around
    )
