"""The cheap look at a page's text that decides whether the expensive passes run at all.

Belongs here: plain strings and patterns that any citation of a post must contain. It may be wrong in one direction only: what it
lets through is looked at properly, what it turns away is never seen.

Most signs are URLs. Each stands behind two slashes, so the page's hosts are gathered once, and only the signs of networks that
occur are searched for: thirty searches of a whole page would cost a third of all detection.
"""

from __future__ import annotations

import re

_S = r"(?:/|\\/|%2f|%252f|\\u002f|&#x2f;|&#47;)"
_ID = r"[\"'=]\d{15,19}\b"

# The hosts (their last two labels) of which one must occur, a string that must be there, and a pattern that must match around it if it
# is. All work on the page in lower case. Embed code that also holds its post's URL needs no sign of its own: the URL is one.
_SIGNS: tuple[tuple[str | None, str, str | None], ...] = (
    (None, "tweet",
     rf"twitter-tweet|tweet[-_]?id|tweet\.html|createtweet|embetty-tweet|blockquote[^>]{{0,40}}tweet|tweet[^<>]{{0,100}}{_ID}"
     r"|\d{15,19}[\"'][^<>]{0,100}tweet"),
    (None, "twitter", rf"twitter[^<>]{{0,100}}{_ID}|{_ID}[\"'][^<>]{{0,100}}twitter|twitter\.com/embed/index"),
    (None, "youtu",
     rf"youtu\.be{_S}[\w-]{{11}}|youtube(?:-nocookie)?\.com{_S}(?:embed|shorts|live|v|watch)|(?:amp|lite)-youtube|type=.?youtube"
     r"|youtube[^<>]{0,120}(?:id|video|key)=[\"'][\w-]{11}[\"']|(?:id|video|key)=[\"'][\w-]{11}[\"'][^<>]{0,60}youtube"),
    (None, "instagr",
     rf"instagram-media|amp-instagram|instagr\.?am(?:\.com)?{_S}(?:[\w.]+{_S})?(?:p|reels?|tv){_S}"
     r"|instagram[^<>]{0,120}code=[\"'][\w-]{10,12}[\"']"),
    (None, "telegram", rf"telegram-post|telegram\.(?:me|dog){_S}"),
    ("t.me", "tgme_widget", None),
    (None, "pgjsb2nrcxvvdgu", None),  # base64 of "<blockquote" and of "<iframe"
    (None, "pglmcmftz", None),
    (None, "status", rf"status(?:es)?{_S}\d"),
    ("facebook.com", "facebook",
     rf"facebook\.com{_S}(?:[^\s\"'<>/\\]{{1,60}}{_S}){{0,4}}(?:posts|videos|photos?|permalink|story|reel|watch|plugins{_S}(?:post|video)"
     rf"|share{_S}\w+{_S}?[\"'?])|l\.facebook\.com{_S}l\.php"),
    ("fb.watch fb.com", "fb.", r"fb\.(?:watch|com)[/\\%]"),
    ("tiktok.com", "tiktok", rf"tiktok\.com{_S}(?:@[\w.]*{_S}(?:video|photo)|embed|player|t{_S}|v{_S})|v[mt]\.tiktok\.com{_S}\w"),
    ("bsky.app", "bsky", rf"bsky\.app{_S}(?:profile{_S}.{{1,80}}{_S}post|embed)"),
    ("did:plc", "feed.post", None),
    ("t.me", "t.me", rf"t\.me{_S}(?:s{_S})?\w{{4,32}}{_S}\d"),
    ("truthsocial.com", "truthsocial.com", rf"truthsocial\.com{_S}(?:@|%40|users)"),
    ("threads.net threads.com", "threads.", rf"threads\.(?:net|com){_S}(?:@|%40|t{_S})"),
    ("reddit.com redd.it redditmedia.com", "redd", rf"redd\.it{_S}|redditmedia|reddit\.com{_S}.{{0,60}}?(?:comments|{_S}s{_S})"),
    ("linkedin.com", "linkedin", rf"linkedin\.com{_S}(?:posts|feed|embed)"),
    ("t.co", "//t.co/", r"href=[\"'\\]{0,2}https?://t\.co/\w{5}"),
    ("lnkd.in", "lnkd.in/", None),
    ("ytimg.com", "ytimg.com/vi", r"data-[\w-]{0,20}id=[\"'][\w-]{11}[\"']"),
    ("iframe.ly iframely.net iframely.com", "iframe", r"iframe\.?ly\."),
    ("iframe.ly", "iframe.ly", None),
    ("embedly.com", "embedly.com/widgets", None),
)  # fmt: skip

BEFORE, AFTER = 60, 160
"""Characters around a sign in which its pattern must match: looking there is many times as fast as searching the page."""

_SIGNATURE = re.compile(rb"(?:\xe2\x80[\x93\x94]|&mdash;|&#8212;|&ndash;|--)\s*[^<>()\n]{1,160}\(@$")
_NEEDLES = tuple(
    (
        frozenset(hosts.encode().split()) if hosts else None,
        needle.encode(),
        re.compile(pattern.encode()) if pattern else None,
    )
    for hosts, needle, pattern in _SIGNS
)
_HOSTS = re.compile(rb"//([\w.:-]{4,60})(?:/(@[\w.]+(?:@[\w.-]+)?/\d{14}))?")
_CODED = (
    (b"\\/\\/", re.compile(rb"\\/\\/([\w.:-]{4,60})(?:\\/(@[\w.]+(?:@[\w.-]+)?\\/\d{14}))?")),
    (b"%2f%2f", re.compile(rb"%2f%2f([\w.:-]{4,60})(?:%2f((?:@|%40)[\w.]+%2f\d{14}))?")),
    (b"\\u002f\\u002f", re.compile(rb"\\u002f\\u002f([\w.:-]{4,60})(?:\\u002f(@[\w.]+\\u002f\d{14}))?")),
)
"""Two slashes as JSON, URLs and scripts write them, and the hosts behind them."""


def folded(html: str) -> bytes:
    """Markup as the functions below want it: UTF-8 in ASCII lower case. Bytes are searched several times as fast as text."""
    return html.encode("utf-8", "replace").lower()


def may_cite(low: bytes) -> bool:
    """Whether folded markup can hold a post of any network: embed code, a URL of a post, or an embed's signature."""
    found = _HOSTS.findall(low)
    for slashes, coded in _CODED:
        if slashes in low:
            found += coded.findall(low)
    if any(path for _, path in found):
        return True  # the form of a Mastodon post, on any host
    hosts = {host for host, _ in found}
    ends = {
        b".".join(host.partition(b":")[0].rsplit(b".", 2)[-2:]) if host[:4] != b"did:" else b"did:plc" for host in hosts
    }
    signs = (sign for sign in _NEEDLES if sign[0] is None or sign[0] & ends)
    return any(_has(low, needle, pattern) for _, needle, pattern in signs) or has_signature(low)


def has_signature(low: bytes) -> bool:
    """Whether the text of an embed may stand in folded markup without its code: "— Name (@username)"."""
    return _has(low, b"(@", _SIGNATURE, before=120, after=2)


def _has(
    low: bytes, needle: bytes, pattern: re.Pattern[bytes] | None, before: int = BEFORE, after: int = AFTER
) -> bool:
    at = low.find(needle)
    while at >= 0:
        if pattern is None or pattern.search(low, max(0, at - before), at + after):
            return True
        at = low.find(needle, at + len(needle))
    return False
