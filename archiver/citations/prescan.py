"""The cheap look at a page's text that decides whether the expensive passes run at all.

Belongs here: plain strings and patterns that any citation of a post must contain. It may be wrong in one direction only: what it
lets through is looked at properly, what it turns away is never seen.
"""

from __future__ import annotations

import re

_S = r"(?:/|\\/|%2f|%252f|\\u002f|&#x2f;|&#47;)"

# A string that must be there, and a pattern that must match if it is. Both work on the page in lower case.
_SIGNS: tuple[tuple[str, re.Pattern[str] | None], ...] = (
    ("status", re.compile(rf"status(?:es)?{_S}\d")),
    ("tweet", re.compile(r"twitter-tweet|tweet-?id|amp-twitter|tweet\.html|embetty-tweet|tweet__|-tweet[\"'\s_]")),
    ("twitter-", re.compile(r"twitter-(?:video|widget)|embed-twitter|provider-twitter")),
    ("instagr", re.compile(rf"instagram-media|amp-instagram|instagr\.?am(?:\.com)?{_S}(?:[\w.]+{_S})?(?:p|reels?|tv){_S}")),
    ("facebook", re.compile(
        rf"facebook\.com{_S}(?:[\w.%-]+{_S})*(?:posts|videos|photos?|permalink|story|reel|watch|plugins{_S}(?:post|video)|share{_S}\w+{_S}?[\"'?])"
        rf"|l\.facebook\.com{_S}l\.php|amp-facebook"
    )),
    ("fb-", re.compile(r"fb-(?:post|video)\b")),
    ("fb.", re.compile(r"fb\.(?:watch|com)/")),
    ("tiktok", re.compile(rf"tiktok-embed|amp-tiktok|tiktok\.com{_S}(?:@[\w.]*{_S}(?:video|photo)|embed|player|t{_S}|v{_S})|v[mt]\.tiktok\.com{_S}\w")),
    ("youtu", re.compile(rf"youtu\.be{_S}[\w-]{{11}}|youtube(?:-nocookie)?\.com{_S}(?:embed|shorts|live|v|watch)|(?:amp|lite)-youtube")),
    ("videoid", None),
    ("embetty", None),
    ("bsky", None),
    ("bluesky-embed", None),
    ("t.me", re.compile(rf"t\.me{_S}(?:s{_S})?\w{{4,32}}{_S}\d")),
    ("telegram", re.compile(rf"telegram-post|telegram\.(?:me|dog){_S}")),
    ("truthsocial.com", re.compile(rf"truthsocial\.com{_S}(?:@|%40|users)")),
    ("threads.", re.compile(rf"threads\.(?:net|com){_S}(?:@|%40|t{_S})")),
    ("text-post-media", None),
    ("redd", re.compile(rf"reddit-(?:embed|card)|redd\.it{_S}|amp-reddit|redditmedia|reddit\.com{_S}.{{0,60}}?(?:comments|{_S}s{_S})")),
    ("linkedin", re.compile(rf"linkedin\.com{_S}(?:posts|feed|embed)")),
    ("mastodon", None),
    ("/@", re.compile(r"/@[\w.]+(?:@[\w.-]+)?/\d{14}")),
    ("/statuses/", None),
    ("embedly", None),
    ("iframe", re.compile(r"iframe\.ly|iframely")),
    ("/oembed", re.compile(r"media/oembed\?")),
)  # fmt: skip

_SIGNATURE = re.compile(r"(?:—|–|&mdash;|&#8212;|&ndash;|--)\s*[^<>()\n]{1,80}\(@\w{1,30}\)")
_IMAGE = re.compile(r"screen ?shot|screen ?grab|screencap|tweet|post by @|تغريدة|توییت|ٹویٹ|لقطة شاشة|اسکرین ?شات")


def may_cite(html: str) -> bool:
    """Whether the page's markup can hold a post of any network: embed code, a URL of a post, or an embed's signature."""
    low = html.lower()
    for needle, pattern in _SIGNS:
        if needle in low and (pattern is None or pattern.search(low)):
            return True
    return "(@" in html and bool(_SIGNATURE.search(html))


def may_picture(html: str) -> bool:
    """Whether an image on the page may say that it shows a post."""
    return bool(_IMAGE.search(html.lower()))
