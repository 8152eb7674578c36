"""Bluesky as it answers: getPostThread, getPosts, getAuthorFeed, resolveHandle, getBlob, and the embed's oEmbed.

States of its own: `label` (the author hides from logged-out viewers), `takedown`, `account-gone`, `blocked`, `not-found-union`
(a 200 whose thread is `#notFoundPost`), `quote-gone`.
"""

from __future__ import annotations

import html
import re
from typing import Any

from archiver.demo.platforms.net import Net
from archiver.demo.platforms.posts import FakePost
from archiver.demo.platforms.reply import COMMON, NOT_FOUND_PAGE, Ask, Reply, as_json, as_text

_LINK = re.compile(r"\{link:([^}]+)\}")
_THREAD = "app.bsky.feed.defs"
_GONE = ("deleted", "not-found", "deleted-404")
PAGE = 3
"""Posts of one feed page: few, so that tests turn pages."""


def answer(ask: Ask, net: Net) -> Reply | None:
    """The answer of one of Bluesky's endpoints."""
    if ask.endpoint == "bluesky.oembed":
        return _oembed(ask, net)
    if ask.endpoint != "bluesky.api":
        return None
    method = ask.path.rpartition("/")[2]
    asked = {
        "app.bsky.feed.getPostThread": _thread,
        "app.bsky.feed.getPosts": _posts,
        "app.bsky.feed.getAuthorFeed": _feed,
        "com.atproto.identity.resolveHandle": _resolve,
    }.get(method)
    if method == "com.atproto.sync.getBlob":
        # The entrance of the network's own servers leads to the one that keeps the author's blobs; of others it knows nothing.
        if ask.query.get("cid", "").endswith("elsewhere"):
            return _error("InvalidRequest", f"Could not find repo for DID: {ask.query.get('did')}")
        return Reply(302, b"", headers=(("Location", f"{net.base}/media/{ask.query.get('cid', '')}.mp4"),))
    if asked is None:
        # searchPosts without a login, and whatever else is asked for.
        return Reply(403, b"<html><head><title>403 Forbidden</title></head></html>", "text/html")
    return asked(ask, net)


def _find(uri: str, net: Net) -> FakePost | None:
    found = re.fullmatch(r"at://([^/]+)/app\.bsky\.feed\.post/(.+)", uri)
    if not found:
        return None
    who, rkey = found.groups()
    if not who.startswith("did:"):
        did = next((post.user_id for post in net.by("bluesky", who)), "")
        who = did
    return net.find("bluesky", f"{who}/{rkey}")


def _error(name: str, message: str, status: int = 400) -> Reply:
    return as_json({"error": name, "message": message}, status)


def _thread(ask: Ask, net: Net) -> Reply:
    uri = ask.query.get("uri", "")
    post = _find(uri, net)
    state = post.state_at(ask.endpoint) if post else "not-found"
    if state in COMMON:
        return COMMON[state]
    if state == "takedown":
        return _error("AccountTakedown", "Account has been suspended")
    if state == "account-gone":
        return _error("InvalidRequest", "Profile not found")
    if state == "not-found-union":
        return as_json({"thread": {"$type": f"{_THREAD}#notFoundPost", "uri": uri, "notFound": True}})
    if state == "blocked":
        return as_json({"thread": {"$type": f"{_THREAD}#blockedPost", "uri": uri, "blocked": True, "author": {}}})
    if post is None or state in _GONE:
        return _error("NotFound", f"Post not found: {uri}")
    thread: dict[str, Any] = {"$type": f"{_THREAD}#threadViewPost", "post": view(post, net), "replies": []}
    if post.replies_to and ask.query.get("parentHeight") != "0":
        above = net.find("bluesky", post.replies_to)
        gone = {"$type": f"{_THREAD}#notFoundPost", "uri": _uri(post.replies_to), "notFound": True}
        shown = {"$type": f"{_THREAD}#threadViewPost", "post": view(above, net)} if above else gone
        thread["parent"] = shown
    return net.faulty(as_json({"thread": thread}), state)


def _posts(ask: Ask, net: Net) -> Reply:
    found = [_find(uri, net) for uri in ask.query.get("uris", "").split(",")]
    shown = [post for post in found if post and post.state_at(ask.endpoint) not in _GONE]
    return as_json({"posts": [view(post, net) for post in shown]})  # those that are gone are left out without a word


def _feed(ask: Ask, net: Net) -> Reply:
    actor = ask.query.get("actor", "").lower()
    posts = [p for p in net.all("bluesky") if actor in (p.user_id.lower(), p.username.lower())]
    if not posts:
        return _error("InvalidRequest", "Profile not found")
    start = int(ask.query.get("cursor") or 0)
    items = [{"post": view(post, net)} for post in posts[start : start + PAGE] if post.state not in _GONE]
    if start == 0:
        items.append({"post": view(posts[-1], net), "reason": {"$type": f"{_THREAD}#reasonRepost"}})
    more = {"cursor": str(start + PAGE)} if start + PAGE < len(posts) else {}
    return as_json({"feed": items, **more})


def _resolve(ask: Ask, net: Net) -> Reply:
    found = net.by("bluesky", ask.query.get("handle", ""))
    return as_json({"did": found[0].user_id}) if found else _error("InvalidRequest", "Unable to resolve handle")


def record(post: FakePost) -> dict[str, Any]:
    """The author's record: text with shortened links, facets in UTF-8 bytes."""
    pieces, facets, at = [], [], 0
    for link in _LINK.finditer(post.text):
        pieces.append(post.text[at : link.start()])
        shown = link[1].removeprefix("https://")
        shown = shown if len(shown) <= 27 else shown[:24] + "..."
        start = len("".join(pieces).encode())
        pieces.append(shown)
        facets.append(
            _facet(start, start + len(shown.encode()), {"$type": "app.bsky.richtext.facet#link", "uri": link[1]})
        )
        at = link.end()
    text = "".join([*pieces, post.text[at:]])
    for tag in re.finditer(r"#(\w+)", text):
        first = len(text[: tag.start()].encode())
        feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag[1]}
        facets.append(_facet(first, first + len(tag[0].encode()), feature))
    value: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": post.published.strftime("%Y-%m-%dT%H:%M:%S.%fZ")[:-4] + "Z",
        "langs": [post.language],
    }
    if facets:
        value["facets"] = facets
    if post.replies_to:
        parent = {"uri": _uri(post.replies_to), "cid": "bafyparent"}
        value["reply"] = {"parent": parent, "root": parent}
    return value


def _facet(first: int, last: int, feature: dict[str, str]) -> dict[str, Any]:
    return {"index": {"byteStart": first, "byteEnd": last}, "features": [feature]}


def _uri(native_id: str) -> str:
    did, _, rkey = native_id.partition("/")
    return f"at://{did}/app.bsky.feed.post/{rkey}"


def _author(post: FakePost, net: Net) -> dict[str, Any]:
    labels = [
        {
            "src": post.user_id,
            "uri": f"at://{post.user_id}",
            "val": "!no-unauthenticated",
            "cts": "2025-01-01T00:00:00Z",
        }
    ]
    return {
        "did": post.user_id,
        "handle": post.username,
        "displayName": post.name,
        "avatar": net.picture("icon"),
        "labels": labels if post.state == "label" else [],
        "createdAt": "2024-01-01T00:00:00Z",
    }


def view(post: FakePost, net: Net) -> dict[str, Any]:
    """A post as the app view shows it."""
    value: dict[str, Any] = {
        "uri": _uri(post.native_id),
        "cid": f"bafyrei{re.sub('[^a-z0-9]', '', post.native_id)[-20:]}",
        "author": _author(post, net),
        "record": record(post),
        "replyCount": 4,
        "repostCount": 9,
        "likeCount": post.likes,
        "quoteCount": 1,
        "indexedAt": post.published.strftime("%Y-%m-%dT%H:%M:%S.500Z"),
        "labels": [{"val": "graphic-media"}] if post.sensitive else [],
    }
    if embed := _embed(post, net):
        value["embed"] = embed
    return value


def _embed(post: FakePost, net: Net) -> dict[str, Any]:
    images = {
        "$type": "app.bsky.embed.images#view",
        "images": [
            {
                "thumb": net.picture(f"{name}-thumb"),
                "fullsize": net.picture(name),
                "alt": name.replace("-", " "),
                "aspectRatio": {"width": 640, "height": 360},
            }
            for name in post.media
        ],
    }
    if post.video:
        playlist = f"{net.base}/media/{post.video}/playlist.m3u8"
        shape = {"width": 1280, "height": 720}
        return {"$type": "app.bsky.embed.video#view", "cid": post.video, "playlist": playlist, "aspectRatio": shape}
    if not post.quotes:
        return images if post.media else {}
    quoted = net.find("bluesky", post.quotes)
    uri = _uri(post.quotes)
    if quoted is None or post.state == "quote-gone":
        inner: dict[str, Any] = {"$type": "app.bsky.embed.record#viewNotFound", "uri": uri, "notFound": True}
    else:
        inner = {
            "$type": "app.bsky.embed.record#viewRecord",
            "uri": uri,
            "cid": "bafyquoted",
            "author": _author(quoted, net),
            "value": record(quoted),
            "indexedAt": "2025-11-01T00:00:00Z",
        }
    record_view = {"$type": "app.bsky.embed.record#view", "record": inner}
    if not post.media:
        return record_view
    return {"$type": "app.bsky.embed.recordWithMedia#view", "record": record_view, "media": images}


def _oembed(ask: Ask, net: Net) -> Reply:
    found = re.search(r"/profile/([^/]+)/post/([^/?]+)", ask.query.get("url", ""))
    post = _find(f"at://{found[1]}/app.bsky.feed.post/{found[2]}", net) if found else None
    state = post.state_at(ask.endpoint) if post else "not-found"
    if state in COMMON:
        return COMMON[state]
    if state == "label":
        return as_text("Post is not available to logged-out viewers", 403)
    if post is None or state in (*_GONE, "takedown", "account-gone", "not-found-union", "blocked"):
        return NOT_FOUND_PAGE
    words = html.escape(_LINK.sub(lambda link: link[1], post.text))
    markup = (
        f'<blockquote class="bluesky-embed" data-bluesky-uri="{_uri(post.native_id)}" data-bluesky-cid="bafy">'
        f'<p lang="{post.language}">{words}</p>&mdash; {html.escape(post.name)} (@{post.username})</blockquote>'
    )
    value = {
        "type": "rich",
        "version": "1.0",
        "author_name": f"{post.name} (@{post.username})",
        "author_url": f"https://bsky.app/profile/{post.username}",
        "provider_name": "Bluesky Social",
        "provider_url": "https://bsky.app",
        "width": 600,
        "height": None,
        "html": markup,
    }
    return net.faulty(as_json(value), state)
