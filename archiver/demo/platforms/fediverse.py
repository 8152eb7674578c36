"""Mastodon servers and Truth Social as they answer: API, ActivityPub at the post's own address, page, account and its posts.

States of their own: `secure` (the API says 401 to everyone who does not sign: authorized-fetch mode), `signed` (ActivityPub says so,
too), `private`, `tombstone` (ActivityPub says that the post was deleted).
"""

from __future__ import annotations

import html
import re
from typing import Any

from archiver.demo.platforms.net import Net
from archiver.demo.platforms.posts import FakePost
from archiver.demo.platforms.reply import COMMON, NOT_FOUND_PAGE, Ask, Reply, as_html, as_json, page

_LINK = re.compile(r"\{link:([^}]+)\}")
_GONE = ("deleted", "not-found", "deleted-404", "private")
PAGE = 3


def answer(ask: Ask, net: Net) -> Reply | None:
    """The answer of a server of the fediverse."""
    if ask.endpoint == "truthsocial":
        return _answer(ask, net, "truthsocial", "")
    if ask.endpoint.startswith("mastodon:"):
        return _answer(ask, net, "mastodon", ask.endpoint.partition(":")[2])
    return None


def _answer(ask: Ask, net: Net, platform: str, host: str) -> Reply:
    if ask.path == "/api/v1/accounts/lookup":
        return _lookup(ask, net, platform, host)
    if found := re.fullmatch(r"/api/v1/accounts/(\d+)/statuses", ask.path):
        return _statuses(ask, net, platform, host, found[1])
    found = re.fullmatch(r"/api/v1/statuses/(\d+)|/@[\w.@-]+/(\d+)|/users/[\w.]+/statuses/(\d+)", ask.path)
    number = next((part for part in found.groups() if part), "") if found else ""
    post = net.find(platform, f"{host}/{number}" if host else number)
    state = post.state_at(ask.endpoint) if post else "not-found"
    if state in COMMON:
        return COMMON[state]
    if ask.path.startswith("/api/"):
        return _status(post, state, net)
    if "activity+json" in ask.header("accept"):
        return _note(post, state, net)
    if post is None or state in (*_GONE, "tombstone"):
        return NOT_FOUND_PAGE
    return net.faulty(as_html(_page(post, host)), state)


def _status(post: FakePost | None, state: str, net: Net) -> Reply:
    if state in ("secure", "signed"):
        return as_json({"error": "This API requires an authenticated user"}, 401)
    if post is None or state in (*_GONE, "tombstone"):
        return as_json({"error": "Record not found"}, 404)
    return net.faulty(as_json(status(post, net)), state)


def _note(post: FakePost | None, state: str, net: Net) -> Reply:
    if post is not None and state == "tombstone":
        value = {"@context": "https://www.w3.org/ns/activitystreams", "id": _address(post), "type": "Tombstone",
                 "deleted": "2025-11-07T10:00:00Z"}  # fmt: skip
        return as_json(value, 410)
    if state == "signed":
        return as_json({"error": "Request not signed"}, 401)
    if post is None or state in _GONE:
        return as_json({"error": "Not Found"}, 404)
    return net.faulty(as_json(note(post, net)), state)


def _address(post: FakePost) -> str:
    host = post.host or "truthsocial.com"
    return f"https://{host}/users/{post.username}/statuses/{_number(post)}"


def _number(post: FakePost) -> str:
    return post.native_id.rpartition("/")[2]


def _markup(post: FakePost) -> str:
    words = html.escape(_LINK.sub("\0", post.text), quote=False)
    for link in _LINK.findall(post.text):
        shown = html.escape(link.removeprefix("https://"))
        words = words.replace(
            "\0",
            f'<a href="{html.escape(link)}" rel="nofollow noopener" translate="no"><span class="invisible">https://</span>'
            f'<span class="">{shown}</span><span class="invisible"></span></a>',
            1,
        )
    return "".join(f"<p>{part}</p>" for part in words.split("\n\n"))


def status(post: FakePost, net: Net) -> dict[str, Any]:
    """A post in the API's shape. `host` is the server it was written on: another server's view has its own id for it."""
    host = post.host or "truthsocial.com"
    time = post.published.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    value: dict[str, Any] = {
        "id": _number(post),
        "created_at": time,
        "edited_at": time if post.state == "edited" else None,
        "in_reply_to_id": post.replies_to.rpartition("/")[2] if post.replies_to else None,
        "sensitive": post.sensitive,
        "spoiler_text": "",
        "visibility": "public",
        "language": post.language,
        "uri": _address(post),
        "url": f"https://{host}/@{post.username}/{_number(post)}",
        "replies_count": 2,
        "reblogs_count": 5,
        "favourites_count": post.likes,
        "content": _markup(post),
        "reblog": None,
        "account": {
            "id": post.user_id,
            "username": post.username,
            "acct": post.username,
            "display_name": post.name,
            "bot": False,
            "group": False,
            "url": f"https://{host}/@{post.username}",
            "avatar": net.picture("icon"),
        },
        "media_attachments": [
            {
                "id": str(number),
                "type": "image",
                "url": net.picture(name),
                "preview_url": net.picture(f"{name}-small"),
                "remote_url": None,
                "meta": {"original": {"width": 640, "height": 360, "size": "640x360"}},
                "description": name.replace("-", " "),
            }
            for number, name in enumerate(post.media, 1)
        ],
        "mentions": [],
        "tags": [{"name": tag, "url": f"https://{host}/tags/{tag}"} for tag in re.findall(r"#(\w+)", post.text)],
        "card": None,
        "poll": None,
    }
    if post.quotes and (quoted := net.find(post.platform, post.quotes)):
        value["quote"] = {"state": "accepted", "quoted_status": status(quoted, net)}
    if post.platform == "truthsocial":
        above = net.find(post.platform, post.replies_to) if post.replies_to else None
        value |= {"group": None, "in_reply_to": status(above, net) if above else None, "title": ""}
    return value


def note(post: FakePost, net: Net) -> dict[str, Any]:
    """A post as an ActivityStreams Note."""
    host = post.host or "truthsocial.com"
    return {
        "@context": ["https://www.w3.org/ns/activitystreams"],
        "id": _address(post),
        "type": "Note",
        "summary": None,
        "inReplyTo": f"https://{host}/users/somebody/statuses/{post.replies_to.rpartition('/')[2]}"
        if post.replies_to
        else None,
        "published": post.published.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "url": f"https://{host}/@{post.username}/{_number(post)}",
        "attributedTo": f"https://{host}/users/{post.username}",
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "sensitive": post.sensitive,
        "content": _markup(post),
        "contentMap": {post.language: _markup(post)},
        "attachment": [
            {
                "type": "Document",
                "mediaType": "image/png",
                "url": net.picture(name),
                "name": name,
                "width": 640,
                "height": 360,
            }
            for name in post.media
        ],
        "tag": [
            {"type": "Hashtag", "href": f"https://{host}/tags/{tag}", "name": f"#{tag}"}
            for tag in re.findall(r"#(\w+)", post.text)
        ],
    }


def _page(post: FakePost, host: str) -> str:
    title = f"{html.escape(post.name)} (@{post.username}@{host or 'truthsocial.com'})"
    head = (
        f'<meta property="og:title" content="{title}">'
        f'<meta property="og:description" content="{html.escape(_LINK.sub(lambda link: link[1], post.text))}">'
        f'<meta property="og:published_time" content="{post.published:%Y-%m-%dT%H:%M:%SZ}">'
    )
    return page(title, "<div id=mastodon></div>", head)


def _lookup(ask: Ask, net: Net, platform: str, host: str) -> Reply:
    posts = [post for post in net.by(platform, ask.query.get("acct", "").partition("@")[0]) if post.host == host]
    return as_json(status(posts[0], net)["account"]) if posts else as_json({"error": "Record not found"}, 404)


def _statuses(ask: Ask, net: Net, platform: str, host: str, account: str) -> Reply:
    before = ask.query.get("max_id", "")
    posts = [post for post in net.all(platform) if post.user_id == account and post.host == host]
    if before.isdecimal():
        posts = [post for post in posts if int(_number(post)) < int(before)]
    return as_json([status(post, net) for post in posts[:PAGE]])
