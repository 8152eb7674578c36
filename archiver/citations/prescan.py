"""The cheap look at a page's text that decides whether the expensive passes run at all.

Belongs here: plain strings and patterns that any citation of a post must contain. It may be wrong in one direction only: what it
lets through is looked at properly, what it turns away is never seen.

Most signs are URLs. Each stands behind two slashes, so the page's hosts are gathered once, and only the signs of networks that
occur are searched for: thirty searches of a whole page would cost a third of all detection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_S = r"(?:/|\\/|%2f|%252f|\\u002f|&#x2f;|&#47;)"
_ID = r"(?<!widget-id)(?<!widget-id=)[\"'=]\d{15,19}\b"
_VIDEO = r"(?:id|video|key)=[\"'][\w-]{11}[\"']"


@dataclass(frozen=True, slots=True)
class _Sign:
    """A string that any citation of some kind holds, and what else must stand there.

    `hosts`: the last two labels of the hosts of which one must occur, any page's without. `at`: a pattern that must match from the
    string's place on; `around`: or patterns of which one must be found between `BEFORE` bytes before it and `reach` bytes behind,
    where `near` is found first. With neither, the string is enough. All in lower case.
    """

    string: bytes
    hosts: frozenset[bytes]
    at: re.Pattern[bytes] | None
    around: tuple[re.Pattern[bytes], ...]
    near: re.Pattern[bytes] | None
    reach: int


def _sign(string: str, at: str = "", *around: str, near: str = "", hosts: str = "", reach: int = 40) -> _Sign:
    return _Sign(
        string.encode(),
        frozenset(hosts.encode().split()),
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
    _sign("tgme_widget", hosts="t.me"),
    _sign("pgjsb2nrcxvvdgu"),  # base64 of "<blockquote" and of "<iframe"
    _sign("pglmcmftz"),
    _sign("status", rf"status(?:es)?{_S}\d"),
    _sign("facebook.com",
          rf"facebook\.com{_S}(?:[^\s\"'<>/\\]{{1,60}}{_S}){{0,4}}(?:posts|videos|photos?|permalink|story|reel|watch|plugins{_S}(?:post|video)"
          rf"|share{_S}(?:[pvr]{_S}|\w+{_S}?[\"'?])|l\.php)", hosts="facebook.com"),
    _sign("fb.", r"fb\.(?:watch|com)[/\\%]", hosts="fb.watch fb.com"),
    _sign("tiktok.com", rf"tiktok\.com{_S}(?:(?:@|%40)[\w.]*{_S}(?:video|photo)|embed|player|t{_S}|v{_S})|(?<=v[mt]\.)tiktok\.com{_S}\w",
          hosts="tiktok.com"),
    _sign("bsky.app", rf"bsky\.app{_S}(?:profile{_S}.{{1,80}}{_S}post|embed)", hosts="bsky.app"),
    _sign("feed.post", hosts="did:plc"),
    _sign("t.me", rf"t\.me{_S}(?:s{_S})?\w{{4,32}}{_S}\d|(?<=\w\.)t\.me{_S}\d", hosts="t.me"),
    _sign("truthsocial.com", rf"truthsocial\.com{_S}(?:@|%40|users)", hosts="truthsocial.com"),
    _sign("threads.", rf"threads\.(?:net|com){_S}(?:(?:@|%40)[\w.]+{_S}post|t{_S})", hosts="threads.net threads.com"),
    _sign("redd", rf"redd(?:\.it{_S}|itmedia|it\.com{_S}.{{0,60}}?(?:comments|{_S}s{_S}))", hosts="reddit.com redd.it redditmedia.com"),
    _sign("linkedin.com", rf"linkedin\.com{_S}(?:posts|feed|embed)", hosts="linkedin.com"),
    _sign("//t.co/", "", r"href=[\"'\\]{0,2}https?://t\.co/\w{5}", hosts="t.co"),
    _sign("lnkd.in/", hosts="lnkd.in"),
    _sign("ytimg.com/vi", "", r"data-[\w-]{0,20}id=[\"'][\w-]{11}[\"']", hosts="ytimg.com", reach=160),
    _sign("iframe", r"iframe\.?ly\.", hosts="iframe.ly iframely.net iframely.com"),
    _sign("iframe.ly", hosts="iframe.ly"),
    _sign("embedly.com/widgets", hosts="embedly.com"),
)  # fmt: skip

BEFORE = 120
"""Bytes before a sign's string that are looked at."""

_SIGNATURE = re.compile(rb"(?:\xe2\x80[\x93\x94]|&mdash;|&#8212;|&ndash;|--)\s*[^<>()\n]{1,160}\(@$")
_HOSTS = re.compile(rb"//([\w.:-]{4,60})(?:/(?:deck/|web/)?(@[\w.]+(?:@[\w.-]+)?/\d{14}))?")
_CODED = (
    (b"\\/\\/", re.compile(rb"\\/\\/([\w.:-]{4,60})(?:\\/(?:(?:deck|web)\\/)?(@[\w.]+(?:@[\w.-]+)?\\/\d{14}))?")),
    (b"%2f%2f", re.compile(rb"%2f%2f(did%3aplc|[\w.:-]{4,60})(?:%2f(?:deck%2f|web%2f)?((?:@|%40)[\w.]+%2f\d{14}))?")),
    (
        b"\\u002f\\u002f",
        re.compile(rb"\\u002f\\u002f([\w.:-]{4,60})(?:\\u002f(?:(?:deck|web)\\u002f)?(@[\w.]+\\u002f\d{14}))?"),
    ),
)
"""Two slashes as JSON, URLs and scripts write them, and the hosts behind them."""

_DID = (b"did:", b"did%3a")
"""What stands in a Bluesky post's address where others have a host."""


def folded(text: str) -> bytes:
    """A piece of a page as the functions below want it: UTF-8 in ASCII lower case, which is searched several times as fast as text.

    The page itself has its UTF-8 already (`Page.utf8`).
    """
    return text.encode("utf-8", "replace").lower()


@dataclass(frozen=True, slots=True)
class Signs:
    """Which signs of posts stand in a page. What is inside the page, its scripts for one, need not be searched for others."""

    strings: tuple[_Sign, ...]
    mastodon: bool
    signature: bool

    def __bool__(self) -> bool:
        return bool(self.strings or self.mastodon or self.signature)


def signs_in(low: bytes) -> Signs:
    """The signs that stand in folded markup: embed code, URLs of posts, an embed's signature. Without any it holds no post."""
    found = _hosts_in(low)
    mastodon = any(path for _, path in found)
    strings = tuple(sign for sign in _of_hosts(_SIGNS, found) if _stands(sign, low))
    return Signs(strings, mastodon, has_signature(low))


def may_cite(low: bytes, among: Signs) -> bool:
    """Whether a folded piece of a page holds one of the page's signs."""
    found = _hosts_in(low) if among.mastodon or any(sign.hosts for sign in among.strings) else []
    if among.mastodon and any(path for _, path in found):
        return True
    return any(_stands(sign, low) for sign in _of_hosts(among.strings, found)) or (
        among.signature and has_signature(low)
    )


def _hosts_in(low: bytes) -> list[tuple[bytes, bytes]]:
    """(host, path) behind each two slashes; a path only where it has the form of a Mastodon post, which may be on any host."""
    found = _HOSTS.findall(low)
    for slashes, coded in _CODED:
        if slashes in low:
            found += coded.findall(low)
    return found


def _of_hosts(signs: tuple[_Sign, ...], found: list[tuple[bytes, bytes]]) -> Iterator[_Sign]:
    """Those of `signs` whose hosts are among the found, and those that need none."""
    hosts = {host for host, _ in found}
    ends = {
        b"did:plc" if host.startswith(_DID) else b".".join(host.partition(b":")[0].rsplit(b".", 2)[-2:])
        for host in hosts
    }
    return (sign for sign in signs if not sign.hosts or sign.hosts & ends)


def has_signature(low: bytes) -> bool:
    """Whether the text of an embed may stand in folded markup without its code: "— Name (@username)"."""
    at = low.find(b"@")  # one byte is found many times as fast as two
    while at >= 0:
        if low[at - 1 : at] == b"(" and _SIGNATURE.search(low, max(0, at - BEFORE), at + 1):
            return True
        at = low.find(b"@", at + 1)
    return False


def _stands(sign: _Sign, low: bytes) -> bool:
    at = low.find(sign.string)
    if sign.at is None and not sign.around:
        return at >= 0
    while at >= 0:
        if sign.at is not None and sign.at.match(low, at):
            return True
        if sign.around:
            start, end = max(0, at - BEFORE), at + sign.reach
            if (sign.near is None or sign.near.search(low, start, end)) and any(
                pattern.search(low, start, end) for pattern in sign.around
            ):
                return True
        at = low.find(sign.string, at + len(sign.string))
    return False
