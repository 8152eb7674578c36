"""Telegram: which URL is a message of a public channel, and how the widget and the channel's preview show it.

Ids are counted per channel and say nothing about time. A missing message answers 200 with words.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from lxml.html import HtmlElement

from archiver.models.post import PostAuthor, PostMedium, PostMetrics, PostTag
from archiver.models.resolution import Window
from archiver.platforms.base import PostRef, address, within
from archiver.platforms.failures import drift, failure
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import a_url, by_class, clean, instant, outer, text_of, tree_of
from archiver.platforms.steps import Answer, Draft, Listing, Reading, Step
from archiver.reasons import PostOutcome

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


_STYLE_URL = re.compile(r"url\(\s*['\"]?(https?:[^'\")]+)['\"]?\s*\)")
_COUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([KM]?)")
_MESSAGE = "tgme_widget_message"
MESSAGES_MAX = 100


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """The widget's frame, then the channel's preview up to the message."""
    channel, _, number = (ref.native_id or "").partition("/")
    name, pace = ref.username or channel, options.pace("telegram")
    embed = options.url("telegram", f"/{name}/{number}", {"embed": "1", "mode": "tme"})
    before = str(int(number) + 1) if number.isdecimal() else number
    return [
        Step("embed", embed, host_pace=pace, dont_redirect=True, endpoint="telegram"),
        Step("preview", options.url("telegram", f"/s/{name}", {"before": before}), host_pace=pace, dont_redirect=True,
             endpoint="telegram"),
    ]  # fmt: skip


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """The message, or the words in its place."""
    tree = _page(answer)
    if isinstance(tree, Reading):
        return tree
    messages = _messages(tree)
    for message in messages:
        if (draft := draft_of(message)) and ref.native_id in _ids(message, draft):
            return _shown(draft, message, ref)
    error = text_of(next(iter(by_class(tree, "tgme_widget_message_error")), None))
    if error:
        return Reading(PostOutcome.NOT_FOUND if "not found" in error.lower() else PostOutcome.UNAVAILABLE, error)
    if step.method == "preview" and messages:
        return Reading(PostOutcome.NOT_FOUND, "the channel's preview goes on without the message")
    if step.method == "preview" and by_class(tree, "tgme_channel_history"):
        return Reading(PostOutcome.UNAVAILABLE, "the channel's preview shows no messages")
    return drift(answer, "no message and no error")


def _page(answer: Answer) -> HtmlElement | Reading:
    if answer.status is not None and 300 <= answer.status < 400:
        return Reading(PostOutcome.LOGIN_WALL, "the channel has no preview")  # the way it switches the web off
    if failed := failure(answer):
        return failed
    tree = tree_of(answer.body)
    return tree if tree is not None else drift(answer, "an empty page")


def _messages(tree: HtmlElement) -> list[HtmlElement]:
    """The outermost messages: none of Telegram's own stands inside another."""
    own = f"contains(concat(' ', normalize-space(@class), ' '), ' {_MESSAGE} ')"
    return list(tree.xpath(f"//*[{own} and not(ancestor::*[{own}])]"))[:MESSAGES_MAX]


def _ids(message: HtmlElement, draft: Draft) -> set[str]:
    """The message's id and those of an album's other pictures."""
    grouped = [found for link in message.xpath(".//a[@href]") if (found := match(link.get("href")))]
    channel = draft.native_id.partition("/")[0]
    own = {ref.native_id for ref in grouped if ref.native_id and ref.native_id.startswith(channel + "/")}
    return (
        {draft.native_id, *(one for one in own if one)}
        if by_class(message, f"{_MESSAGE}_grouped")
        else {draft.native_id}
    )


def _shown(draft: Draft, message: HtmlElement, ref: PostRef) -> Reading:
    if draft.native_id != ref.native_id:
        return Reading(PostOutcome.PARTIAL, f"part of the album {draft.native_id}", _renamed(draft, ref))
    if draft.text is None and by_class(message, "message_media_not_supported"):
        return Reading(PostOutcome.PARTIAL, "the web preview does not show this medium", draft)
    return Reading(PostOutcome.OK, None, draft)


def _renamed(draft: Draft, ref: PostRef) -> Draft:
    return replace(draft, native_id=ref.native_id or "", id=ref.canonical_url, url=ref.canonical_url)


def draft_of(message: HtmlElement) -> Draft | None:
    """A draft from one message of the widget or the preview."""
    ref = short(message.get("data-post") or "")
    if ref is None or ref.native_id is None:
        return None
    times = message.xpath(f".//a[contains(@class, '{_MESSAGE}_date')]//time/@datetime")
    body = _text_block(message)
    owner = next(iter(by_class(message, f"{_MESSAGE}_owner_name")), None)
    reply = next(iter(by_class(message, f"{_MESSAGE}_reply")), None)
    replied = match(reply.get("href") or "") if reply is not None else None
    views, rounded = _views(text_of(next(iter(by_class(message, f"{_MESSAGE}_views")), None)))
    forwarded = text_of(next(iter(by_class(message, f"{_MESSAGE}_forwarded_from_name")), None))
    return Draft(
        platform=NAME,
        native_id=ref.native_id,
        id=ref.canonical_url,
        url=ref.canonical_url,
        author=PostAuthor(name=text_of(owner), username=ref.username, url=f"https://t.me/{ref.username}"),
        published=instant(str(times[-1])) if times else None,
        published_raw=clean(str(times[-1])) if times else None,
        text=text_of(body),
        text_html=outer(body) if body is not None else None,
        text_complete=True,
        text_basis="page",
        in_reply_to=replied.native_id if replied else None,
        tags=_tags(body),
        media=_media(message),
        metrics=PostMetrics(views=views),
        warnings=(
            *(["views are rounded by the network"] if rounded else []),
            *([f"forwarded from {forwarded}"] if forwarded else []),
        ),
    )


def _text_block(message: HtmlElement) -> HtmlElement | None:
    """The message's own text: a quoted reply has a block of the same class inside the reply."""
    blocks = [
        block
        for block in by_class(message, f"{_MESSAGE}_text")
        if not block.xpath(f"ancestor::*[contains(@class, '{_MESSAGE}_reply')]")
    ]
    return blocks[-1] if blocks else None


def _views(text: str | None) -> tuple[int | None, bool]:
    """(count, whether the network rounded it): "845", "1.2K", "3M"."""
    found = _COUNT.fullmatch(text.strip()) if text else None
    if not found or len(found[1]) > 12:
        return None, False
    factor = {"": 1, "K": 1000, "M": 1_000_000}[found[2]]
    return round(float(found[1]) * factor), bool(found[2])


def _tags(body: HtmlElement | None) -> tuple[PostTag, ...]:
    links = body.xpath(".//a[@href]")[:200] if body is not None else []
    out = []
    for link in links:
        url, words = a_url({"u": link.get("href")}, "u"), text_of(link)
        if words and words.startswith("#"):
            out.append(PostTag(type="hashtag", name=words[1:]))
        elif url and words and words.startswith("@"):
            out.append(PostTag(type="mention", name=words[1:], url=url))
        elif url and words:
            out.append(PostTag(type="link", name=words, url=url))
    return tuple(out)


def _media(message: HtmlElement) -> tuple[PostMedium, ...]:
    found: dict[str, PostMedium] = {}
    for block in by_class(message, f"{_MESSAGE}_photo_wrap"):
        if style := _STYLE_URL.search(block.get("style") or ""):
            found.setdefault(style[1], PostMedium(type="image", url=clean(style[1])))
    for kind in ("video", "audio"):
        for source in message.xpath(f".//{kind}[@src]/@src")[:20]:
            if url := a_url({"u": str(source)}, "u"):
                medium = PostMedium(type="video" if kind == "video" else "audio", url=url)
                found.setdefault(url, medium)
    return tuple(found.values())


def text_steps(username: str, quote: str, window: Window, options: PlatformOptions) -> list[Step]:
    """The search inside one public channel; there is none over all channels."""
    words = " ".join(re.findall(r"[^\W_]+", quote)[:6])
    url = options.url("telegram", f"/s/{username}", {"q": words})
    return [Step("search", url, host_pace=options.pace("telegram"), dont_redirect=True, endpoint="telegram")]


def read_text(step: Step, answer: Answer, username: str, window: Window) -> Listing:
    """The messages that the preview shows, newest first, inside the window."""
    tree = _page(answer)
    if isinstance(tree, Reading):
        return Listing(tree.outcome, tree.reason_text, retry_after=tree.retry_after)
    found = [draft for message in _messages(tree) if (draft := draft_of(message))]
    if not found and not by_class(tree, "tgme_channel_history") and not by_class(tree, "tgme_main"):
        return Listing(drift(answer, "").outcome, "no channel")
    return Listing(PostOutcome.OK, None, tuple(post for post in reversed(found) if within(post.published, window)))
