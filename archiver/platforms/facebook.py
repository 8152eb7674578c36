"""Facebook: which URL is a post, photo, video or reel, and the request to Meta's oEmbed.

One post can have several `pfbid` names, and a page can be named by number or by name: the key is the number where the URL
shows one, else the `pfbid` as seen.
"""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms import metagraph
from archiver.platforms.base import Address, PostRef, address
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step

NAME = "facebook"
LABEL = "Facebook"
HOSTS = ("facebook.com", "fb.com", "fb.watch", "facebookcorewwwi.onion")
REDIRECTS = ("fb.watch",)

_ID = r"(?P<id>pfbid\w+|\d{5,25})"
_PATHS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"/(?P<user>[^/]+)/posts/(?:[^/]+/)?{_ID}/?(?:/.*)?",
        rf"/groups/(?P<group>[^/]+)/(?:posts|permalink)/{_ID}/?",
        rf"/(?P<user>[^/]+)/videos/(?:[^/]+/)*?{_ID}/?",
        rf"/(?:reel|reels)/{_ID}/?",
        rf"/(?P<user>[^/]+)/photos/(?:[^/]+/)*?{_ID}/?",
        rf"/(?:photo|video|watch|story|posts)/{_ID}/?",
    )
)
_SHARE = re.compile(r"/share/(?:(?:p|v|r)/)?(?P<code>\w{6,24})/?")
_NUMBER = re.compile(r"pfbid\w+|\d{5,25}")
_PLUGIN = re.compile(r"/(?:v\d+\.\d+/)?plugins/(?:post|video)\.php/?")


def match(url: str) -> PostRef | None:
    """A post's page in all its forms, the plugin frames (their `href`) and the forms that need one redirect."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    if at.path == "/l.php" or _PLUGIN.fullmatch(at.path):
        inner = at.query.get("u" if at.path == "/l.php" else "href", "")
        return match(inner) if inner and inner != url else None
    if at.on("fb.watch"):
        code = at.path.strip("/")
        return _short(f"https://fb.watch/{code}/") if re.fullmatch(r"[\w-]{6,24}", code) else None
    if found := _SHARE.fullmatch(at.path):
        return _short(f"https://www.facebook.com{found[0]}")
    return _by_query(at) or _by_path(at)


def _short(url: str) -> PostRef:
    return PostRef(NAME, None, url, extra={"needs": "redirect"})


def _by_query(at: Address) -> PostRef | None:
    page = at.path.strip("/").lower().removesuffix(".php")
    name = {"permalink": "story_fbid", "story": "story_fbid", "photo": "fbid", "watch": "v", "video": "v"}.get(page)
    number = at.query.get(name, "") if name else ""
    if page == "watch" and not number:
        number = at.query.get("v", "")
    if not name or not _NUMBER.fullmatch(number):
        return None
    owner = at.query.get("id")
    forms = {
        "story_fbid": f"permalink.php?story_fbid={number}" + (f"&id={owner}" if owner else ""),
        "fbid": f"photo.php?fbid={number}",
        "v": f"watch/?v={number}",
    }
    return PostRef(NAME, number, f"https://www.facebook.com/{forms[name]}", extra={"owner": owner} if owner else {})


def _by_path(at: Address) -> PostRef | None:
    for pattern in _PATHS:
        if found := pattern.fullmatch(at.path):
            groups = found.groupdict()
            url = "https://www.facebook.com" + found[0].rstrip("/")
            return PostRef(NAME, found["id"], url, groups.get("user"))
    return None


def id_time(native_id: str) -> datetime | None:
    """Always None: no rule is known."""
    return None


_VIDEO = re.compile(r"/(?:videos|reel|reels|watch)/")


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """Meta's oEmbed, off by default."""
    kind = "oembed_video" if _VIDEO.search(ref.canonical_url) else "oembed_post"
    return [metagraph.step(ref, options, f"/{metagraph.VERSION}/{kind}")]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """Partial at most."""
    return metagraph.read(answer, ref)
