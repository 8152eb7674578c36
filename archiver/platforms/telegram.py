"""Telegram: which URL is a message of a public channel. Ids are counted per channel and say nothing about time."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms.base import PostRef, address

NAME = "telegram"
LABEL = "Telegram"
HOSTS = ("t.me", "telegram.me", "telegram.dog")
REDIRECTS: tuple[str, ...] = ()

_CHANNEL = r"[A-Za-z]\w{3,31}"
_PATH = re.compile(rf"/(?:s/)?(?P<channel>{_CHANNEL})/(?:(?P<thread>\d{{1,10}})/)?(?P<id>\d{{1,10}})/?")
_OWN = re.compile(r"/(?:s/)?(?P<id>\d{1,10})/?")
_SHORT = re.compile(rf"(?P<channel>{_CHANNEL})/(?P<id>\d{{1,10}})")
_RESERVED = frozenset(
    {"joinchat", "share", "addstickers", "proxy", "socks", "setlanguage", "addtheme", "contact", "login"}
)


def match(url: str) -> PostRef | None:
    """`t.me/channel/ID` with or without `/s/`, a thread, `?single`, `?comment=`; `channel.t.me/ID`."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    below = at.host.removesuffix(".t.me").removeprefix("www.") if at.host.endswith(".t.me") else "www"
    if below != "www":
        found = _OWN.fullmatch(at.path)
        return post(below, found["id"]) if found and re.fullmatch(_CHANNEL, below) else None
    found = _PATH.fullmatch(at.path)
    if not found or found["channel"].lower() in _RESERVED:
        return None
    return post(found["channel"], found["id"], found["thread"])


def short(text: str) -> PostRef | None:
    """The message that `channel/ID` names, as the widget's `data-telegram-post` writes it."""
    found = _SHORT.fullmatch(text.strip())
    return post(found["channel"], found["id"]) if found else None


def post(channel: str, number: str, thread: str | None = None) -> PostRef:
    """The reference to a message. Channel names are the same in any case, so the key is in lower case."""
    number = str(int(number))
    extra = {"thread": thread} if thread else {}
    return PostRef(NAME, f"{channel.lower()}/{number}", f"https://t.me/{channel.lower()}/{number}", channel, extra)


def id_time(native_id: str) -> datetime | None:
    """Always None: message numbers hold no time."""
    return None
