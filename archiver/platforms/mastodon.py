"""Mastodon: a post on any server. The form of the URL is all there is, so other software of the same form matches too.

Whether an unknown host may be asked is decided where requests are made: `extra["host"]` names it, `known` says what we think.
"""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms.base import PostRef, address, moment

NAME = "mastodon"
LABEL = "Mastodon"
HOSTS: tuple[str, ...] = ()
REDIRECTS: tuple[str, ...] = ()

KNOWN = re.compile(
    r"(?:^|\.)(?:[\w-]*(?:mastodon|mstdn|masto|toot|tooter|todon|troet)[\w-]*\.[\w.-]+|mas\.to|mastodon\.\w+|journa\.host"
    r"|newsie\.social|infosec\.exchange|hachyderm\.io|techhub\.social|social\.[\w-]+\.[\w.]+|c\.im|ohai\.social|mathstodon\.xyz"
    r"|sfba\.social|ioc\.exchange|kolektiva\.social|universeodon\.com|octodon\.social|chaos\.social|aus\.social|med-mastodon\.com)$"
)
"""Hosts that say by their name what they run. A hint, never a limit."""

_FORMS = re.compile(
    r"(?:/(?:web|deck))?/(?:@(?P<user>[\w.]+)(?:@(?P<home>[\w.-]+))?/(?P<id>\d{14,20})"
    r"|users/(?P<user2>[\w.]+)/statuses/(?P<id2>\d{14,20})|(?:web/)?statuses/(?P<id3>\d{14,20}))(?:/embed)?/?"
)
_OTHERS = re.compile(r"(?:^|\.)(?:threads|truthsocial|tiktok|youtube|x|twitter|medium)\.(?:com|net)$")


def match(url: str) -> PostRef | None:
    """The post that a URL of Mastodon's form names; `HOST/@user@other/ID` is a view of another server's post (`remote`)."""
    at = address(url)
    if at is None or _OTHERS.search(at.host) or not (found := _FORMS.fullmatch(at.path)):
        return None
    user = found["user"] or found["user2"]
    number = found["id"] or found["id2"] or found["id3"]
    known = bool(KNOWN.search(at.host))
    if user is None and not known:
        return None
    extra = {"host": at.host, "known": "yes" if known else "no"}
    if found["home"] and found["home"].lower() != at.host:
        extra["remote"] = found["home"].lower()
    canonical = f"https://{at.host}/@{user}{'@' + extra['remote'] if 'remote' in extra else ''}/{number}"
    if user is None:
        canonical = f"https://{at.host}/web/statuses/{number}"
    return PostRef(NAME, f"{at.host}/{number}", canonical, user, extra)


def id_time(native_id: str) -> datetime | None:
    """When the id was given (posts.md 4.3)."""
    number = native_id.rpartition("/")[2]
    return moment(int(number) >> 16) if number.isdecimal() else None
