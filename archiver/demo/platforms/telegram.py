"""Telegram as it answers: the widget's frame, a channel's preview and the search in it. What is missing answers 200.

States of its own: `no-preview` (the channel switched its web preview off: `/s/` redirects), `album` (a message of several
pictures, each an id), `unsupported` (a medium that the web does not show).
"""

from __future__ import annotations

import html
import re

from archiver.demo.platforms.net import Net
from archiver.demo.platforms.posts import FakePost
from archiver.demo.platforms.reply import COMMON, HTML, Ask, Reply, as_html, page

_LINK = re.compile(r"\{link:([^}]+)\}")
_GONE = ("deleted", "not-found", "deleted-404")
PAGE = 20


def answer(ask: Ask, net: Net) -> Reply | None:
    """The answer of t.me."""
    if ask.endpoint != "telegram":
        return None
    if found := re.fullmatch(r"/s/(\w+)", ask.path):
        return _preview(ask, net, found[1])
    found = re.fullmatch(r"/(\w+)/(\d+)", ask.path)
    if not found or not ask.query.get("embed"):
        return as_html(page("Telegram", '<div class="tgme_page">Contact</div>'))
    channel, number = found[1], found[2]
    post = net.find("telegram", f"{channel.lower()}/{number}") or _album(net, channel, int(number))
    state = post.state_at(ask.endpoint) if post else "not-found"
    if state in COMMON:
        return COMMON[state]
    if not net.by("telegram", channel):
        return _error(f"Channel with username <b>@{channel}</b> not found")
    if post is None or state in _GONE:
        return _error("Post not found")
    return net.faulty(as_html(page("Telegram Widget", message(post, net))), state)


def _album(net: Net, channel: str, number: int) -> FakePost | None:
    """The album whose later pictures have ids of their own."""
    for before in range(1, 10):
        post = net.find("telegram", f"{channel.lower()}/{number - before}")
        if post is not None:
            return post if post.state == "album" and before < len(post.media) else None
    return None


def _error(words: str) -> Reply:
    return as_html(page("Telegram Widget", f'<div class="tgme_widget_message_error">{words}</div>'))


def message(post: FakePost, net: Net) -> str:
    """One message as the widget and the preview write it."""
    number = post.native_id.partition("/")[2]
    link = f"https://t.me/{post.username}/{number}"
    words = html.escape(post.text, quote=False).replace("\n", "<br/>")
    words = _LINK.sub(lambda found: f'<a href="{found[1]}" target="_blank" rel="noopener">{found[1]}</a>', words)
    words = re.sub(r"(?<![&\w/])#(\w+)", r'<a href="?q=%23\1">#\1</a>', words)
    reply = ""
    if post.replies_to and (parent := net.find("telegram", post.replies_to)):
        target = f"https://t.me/{parent.username}/{parent.native_id.partition('/')[2]}"
        reply = (
            f'<a class="tgme_widget_message_reply" href="{target}"><div class="tgme_widget_message_author">{html.escape(parent.name)}</div>'
            f'<div class="tgme_widget_message_text js-message_reply_text">{html.escape(parent.text[:60])}</div></a>'
        )
    views = "845" if post.likes < 1000 else f"{post.likes / 1000:.1f}K"
    return (
        f'<div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="{post.username}/{number}" data-view="v">'
        f'<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author accent_color">'
        f'<a class="tgme_widget_message_owner_name" href="https://t.me/{post.username}"><span dir="auto">{html.escape(post.name)}</span></a></div>'
        f"{reply}{_media(post, net, link)}"
        + (f'<div class="tgme_widget_message_text js-message_text" dir="auto">{words}</div>' if words else "")
        + '<div class="tgme_widget_message_footer"><div class="tgme_widget_message_info">'
        f'<span class="tgme_widget_message_views">{views}</span>'
        f'<span class="tgme_widget_message_meta"><a class="tgme_widget_message_date" href="{link}">'
        f'<time datetime="{post.published:%Y-%m-%dT%H:%M:%S}+00:00" class="time">10:00</time></a></span>'
        "</div></div></div></div>"
    )


def _media(post: FakePost, net: Net, link: str) -> str:
    if post.state == "unsupported":
        return '<div class="message_media_not_supported_wrap"><div class="message_media_not_supported">Please open Telegram</div></div>'
    first = int(link.rpartition("/")[2])
    photos = "".join(
        f'<a class="tgme_widget_message_photo_wrap" href="{link.rpartition("/")[0]}/{first + number}?single" '
        f"style=\"width:640px;background-image:url('{net.picture(name)}')\"></a>"
        for number, name in enumerate(post.media)
    )
    if len(post.media) > 1:
        photos = f'<div class="tgme_widget_message_grouped_wrap"><div class="tgme_widget_message_grouped">{photos}</div></div>'
    clip = net.picture(post.video).replace(".png", ".mp4") if post.video else ""
    return photos + (
        f'<div class="tgme_widget_message_video_wrap"><video src="{clip}" width="100%"></video></div>' if clip else ""
    )


def _preview(ask: Ask, net: Net, channel: str) -> Reply:
    posts = net.by("telegram", channel)
    states = {post.state_at("telegram") for post in posts}
    if not posts or "no-preview" in states:
        return Reply(302, b"", HTML, (("Location", f"https://t.me/{channel}"),))
    if state := next((state for state in sorted(states) if state in COMMON), None):
        return COMMON[state]
    shown = [post for post in posts if post.state_at("telegram") not in _GONE]
    if words := ask.query.get("q"):
        shown = [post for post in net.search("telegram", words) if post in shown]
    elif (before := ask.query.get("before", "")).isdecimal():
        shown = [post for post in shown if int(post.native_id.partition("/")[2]) < int(before)]
    messages = "".join(
        f'<div class="tgme_widget_message_wrap js-widget_message_wrap">{message(post, net)}</div>'
        for post in reversed(shown[:PAGE])
    )
    body = (
        f'<main class="tgme_main"><section class="tgme_channel_history js-message_history">{messages}</section></main>'
    )
    return as_html(page(f"{channel} – Telegram", body))
