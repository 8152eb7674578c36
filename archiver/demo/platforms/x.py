"""X as it answers: the widget's endpoint, oEmbed, API v2, the logged-out page, the embed timeline, FxTwitter.

Belongs here: shapes. `Net` gives the posts; `state` of a post decides which shape its endpoint sends.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

from archiver.demo.platforms.net import Net
from archiver.demo.platforms.posts import FakePost
from archiver.demo.platforms.reply import (
    COMMON,
    LOGIN_PAGE,
    NOT_FOUND_PAGE,
    Ask,
    Reply,
    as_html,
    as_json,
    as_text,
    page,
)
from archiver.demo.platforms.x_shapes import blockquote, fx, includes, iso, laid_out, old_shape, user, v2, widget
from archiver.platforms.x.syndication import token

_ID = re.compile(r"(\d{1,25})")

TOMBSTONES = {
    "deleted": "This Post was deleted by the Post author. Learn more",
    "suspended": "This Post is from a suspended account. Learn more",
    "account-gone": "This Post is from an account that no longer exists. Learn more",
    "protected": "You’re unable to view this Post because this account owner limits who can view their Posts. Learn more",
    "age-gated": "Age-restricted adult content. This content might not be appropriate for people under 18 years old. To view this media, you’ll need to log in to X. Learn more",
    "withheld": "This Post has been withheld in response to a legal demand. Learn more",
    "rules": "This Post violated the X Rules. Learn more",
    "unavailable": "This Post is unavailable. Learn more",
}
_TOMBSTONED = {**TOMBSTONES, "false-tombstone": TOMBSTONES["deleted"]}


def answer(ask: Ask, net: Net) -> Reply | None:
    """The answer of one of X's endpoints; None when the endpoint is not X's."""
    asked = _ENDPOINTS.get(ask.endpoint)
    return asked(ask, net) if asked else None


def _post(ask: Ask, net: Net, native_id: str) -> FakePost | None:
    return net.find("x", native_id)


def _syndication(ask: Ask, net: Net) -> Reply:
    if not ask.header("user-agent"):
        return COMMON["forbidden"]
    native_id = ask.query.get("id", "")
    if ask.path != "/tweet-result" or not native_id.isdecimal() or int(native_id) >= 2**63:
        return as_json({"error": "Bad request."}, 400)
    if ask.query.get("token") != token(native_id):
        return as_json({})
    post = _post(ask, net, native_id)
    state = post.state_at(ask.endpoint) if post else "not-found"
    if post is None or state in ("not-found", "deleted-404"):
        return NOT_FOUND_PAGE
    if state in COMMON:
        return COMMON[state]
    if state in _TOMBSTONED:
        return as_json({"__typename": "TweetTombstone", "tombstone": {"text": _words(_TOMBSTONED[state])}})
    if state == "empty-tombstone":
        return as_json({"__typename": "TweetTombstone", "tombstone": {}})
    if state == "empty-object":
        return as_json({})
    if state == "unknown-type":
        return as_json({"__typename": "TweetPreviewDisplay", "id_str": native_id})
    value = widget(post, net)
    if state == "userless":
        del value["user"]
    if state == "no-entities":
        del value["entities"]
    if state == "odd-entities":
        value["entities"] = {name: {} for name in ("hashtags", "urls", "user_mentions", "symbols", "media")}
    if state == "other-id":
        value["id_str"] = str(int(native_id) + 1)
        value["edit_control"] = {"edit_tweet_ids": [value["id_str"]]}
    return net.faulty(as_json(value), state)


def _words(text: str) -> dict[str, Any]:
    return {
        "text": text,
        "entities": [
            {
                "from_index": text.find("Learn more"),
                "to_index": len(text),
                "ref": {"__typename": "TimelineUrl", "url": "https://help.x.com/rules-and-policies/notices-on-x"},
            }
        ],
        "rtl": False,
    }


_GONE = ("deleted", "deleted-404", "suspended", "account-gone", "not-found", "rules")
"""States that oEmbed answers with a plain 404, whatever the reason."""


def _oembed(ask: Ask, net: Net) -> Reply:
    found = re.search(r"/status(?:es)?/(\d+)", ask.query.get("url", ""))
    post = _post(ask, net, found[1]) if found else None
    state = post.state_at(ask.endpoint) if post else "not-found"
    if post is None or state in _GONE:
        return as_text("Not Found", 404) if state == "not-found" else NOT_FOUND_PAGE
    if state == "protected":
        return as_json({"error": "Sorry, you are not authorized to see this status.", "code": 179}, 403)
    if state in COMMON:
        return COMMON[state]
    link = f"https://twitter.com/{post.username}/status/{post.native_id}"
    value = {
        "url": link,
        "author_name": post.name,
        "author_url": f"https://twitter.com/{post.username}",
        "html": blockquote(post, link),
        "width": 550,
        "height": None,
        "type": "rich",
        "cache_age": "3153600000",
        "provider_name": "X",
        "provider_url": "https://x.com",
        "version": "1.0",
    }
    return net.faulty(as_json(value), state)


def _api(ask: Ask, net: Net) -> Reply:
    if ask.header("authorization") != f"Bearer {net.bearer}":
        return as_json({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, 401)
    if ask.path.startswith("/2/tweets/search/"):
        return _api_search(ask, net)
    if ask.path == "/2/users/search":
        return _api_users(ask, net)
    found = _ID.search(ask.path.rpartition("/")[2])
    native_id = found[1] if found else ""
    post = _post(ask, net, native_id)
    state = post.state_at(ask.endpoint) if post else "not-found"
    if state in COMMON:
        return COMMON[state]
    if state == "protected":
        return as_json({"errors": [_problem(native_id, "not-authorized-for-resource", "Authorization Error",
                        f"Sorry, you are not authorized to see the Tweet with id: [{native_id}].")]})  # fmt: skip
    if state == "suspended":
        return as_json(
            {"errors": [_problem(native_id, "resource-not-found", "Forbidden", "User has been suspended: [x].")]}
        )
    if post is None or state in _GONE:
        detail = f"Could not find tweet with id: [{native_id}]."
        # The same body comes with 200 and with 404.
        status = 404 if state == "deleted-404" else 200
        return as_json({"errors": [_problem(native_id, "resource-not-found", "Not Found Error", detail)]}, status)
    return net.faulty(as_json({"data": v2(post), "includes": includes([post], net)}), state)


def _problem(native_id: str, kind: str, title: str, detail: str) -> dict[str, str]:
    return {
        "value": native_id,
        "detail": detail,
        "title": title,
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": native_id,
        "type": f"https://api.twitter.com/2/problems/{kind}",
    }


def _api_search(ask: Ask, net: Net) -> Reply:
    if ask.path.endswith("/all") and net.timelines.get("api-search") == "recent-only":
        detail = "Your token may not use this endpoint."
        return as_json({"title": "Client Forbidden", "reason": "client-not-enrolled", "detail": detail}, 403)
    found = net.search("x", ask.query.get("query", ""))
    start, end = ask.query.get("start_time", ""), ask.query.get("end_time", "~")
    kept = [post for post in found if start <= iso(post) <= end and post.state_at(ask.endpoint) == "visible"][:10]
    if not kept:
        return as_json({"meta": {"result_count": 0}})
    return as_json(
        {"data": [v2(post) for post in kept], "includes": includes(kept, net), "meta": {"result_count": len(kept)}}
    )


def _api_users(ask: Ask, net: Net) -> Reply:
    """Accounts whose name or username holds the words; only plain letters may be asked for."""
    wanted = ask.query.get("query", "")
    if not re.fullmatch(r"[A-Za-z0-9_' ]{1,50}", wanted):
        return as_json(
            {"title": "Invalid Request", "detail": "One or more parameters to your request was invalid."}, 400
        )
    folded = wanted.lower()
    users = {
        post.username: {"id": post.user_id, "name": post.name, "username": post.username}
        for post in net.all("x")
        if folded in post.name.lower() or folded in post.username.lower()
    }
    kept = list(users.values())[: int(ask.query.get("max_results", "100"))]
    return as_json({"data": kept, "meta": {"result_count": len(kept)}} if kept else {"meta": {"result_count": 0}})


def _page(ask: Ask, net: Net) -> Reply:
    found = re.fullmatch(r"/(\w+)/status/(\d+)", ask.path)
    post = _post(ask, net, found[2]) if found else None
    state = post.state_at(ask.endpoint) if post else "not-found"
    if post is None or state in (*_GONE, "protected"):
        return as_html(page("X", "<p>JavaScript is not available. Log in or sign up.</p>"))
    if state in COMMON or state == "wall-at-x":
        return COMMON.get(state, LOGIN_PAGE)
    raw, entities = laid_out(post, post.full_text or post.text)
    item: dict[str, Any] = {
        "entry_id": f"tweet-{post.native_id}",
        "rest_id": post.native_id,
        "created_at_ms": round(post.published.timestamp() * 1000),
        "core": {"user_results": {"result": {"rest_id": post.user_id, "legacy": user(post, net)}}},
        "legacy": {
            "id_str": post.native_id,
            "full_text": laid_out(post, post.text)[0],
            "entities": entities,
            "lang": post.language,
            "favorite_count": post.likes,
            "reply_count": 3,
            "retweet_count": 5,
            "quote_count": 1,
            "possibly_sensitive": post.sensitive,
        },
    }
    if post.state == "edited":
        item["edit_control"] = {"edit_tweet_ids": [str(int(post.native_id) - (60_000 << 22)), post.native_id]}
    if post.full_text is not None:
        item["note_tweet"] = {
            "is_expandable": True,
            "note_tweet_results": {"result": {"text": raw, "entity_set": entities}},
        }
    state_of_page = json.dumps({"thread": [item]}, ensure_ascii=False).replace("</", "<\\/")
    script = f'<script nonce="n">window.__META_DATA__ = {{"env":"prod"}};window.__POSTS__={state_of_page};</script>'
    return net.faulty(as_html(page(f"{html.escape(post.name)} on X", script)), state)


def _old_page(ask: Ask, net: Net) -> Reply:
    """The same page at twitter.com, which shows `wall-at-x` posts, too."""
    found = re.fullmatch(r"/(\w+)/status/(\d+)", ask.path)
    post = _post(ask, net, found[2]) if found else None
    endpoint = "x.page.old" if post and post.state_at("x.page") == "wall-at-x" else "x.page"
    return _page(replace(ask, endpoint=endpoint), net)


def _timeline(ask: Ask, net: Net) -> Reply:
    username = ask.path.rpartition("/")[2]
    if net.timelines.get(username.lower()) == "throttled":
        return COMMON["throttled-plain"]
    posts = [post for post in net.by("x", username) if post.state_at(ask.endpoint) == "visible"]
    # Not newest first: what people liked leads.
    entries = [
        {"type": "tweet", "entry_id": f"tweet-{post.native_id}", "content": {"tweet": old_shape(post, net)}}
        for post in sorted(posts, key=lambda post: -post.likes)
    ]
    data = {
        "props": {"pageProps": {"timeline": {"entries": entries}, "contextProvider": {"hasResults": bool(entries)}}}
    }
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data, ensure_ascii=False)}</script>'
    return as_html(page("", script))


_FX_PAGE = 3
"""Posts of one page of FxTwitter's search: few, so that tests turn pages."""


def _fxtwitter(ask: Ask, net: Net) -> Reply:
    if ask.path.startswith("/2/search"):
        state = net.timelines.get("fxtwitter-search", "")
        if state == "restless" and net.count(ask.endpoint, ask.query.get("q", "")) == 1:
            return as_json({"code": 404, "message": "NOT_FOUND"}, 404)
        posts, start = net.search("x", ask.query.get("q", "")), int(ask.query.get("cursor") or 0)
        more = str(start + _FX_PAGE) if len(posts) > start + _FX_PAGE else None
        results = [fx(post, net) for post in posts[start : start + _FX_PAGE]]
        return as_json({"code": 200, "results": results, "cursor": {"bottom": more}})
    native_id = ask.path.rpartition("/")[2]
    post = _post(ask, net, native_id)
    state = post.state_at(ask.endpoint) if post else "not-found"
    if state in COMMON:
        return COMMON[state]
    if state == "restless" and net.count(ask.endpoint, native_id) == 1:
        return as_json({"code": 404, "message": "NOT_FOUND"}, 404)
    if state == "code-in-200":
        return as_json({"code": 404, "message": "NOT_FOUND"})
    if state == "protected":
        return as_json({"code": 401, "message": "PRIVATE_TWEET"}, 401)
    if post is not None and state in ("deleted", "suspended"):
        return as_json({"code": 200, "status": {"type": "tombstone", "id": native_id, "reason": state}})
    if post is None or state in _GONE:
        return as_json({"code": 404, "message": "NOT_FOUND"}, 404)
    return net.faulty(
        as_json({"code": 200, "status": fx(post, net), "thread": None, "author": fx(post, net)["author"]}), state
    )


_ENDPOINTS = {
    "x.syndication": _syndication,
    "x.oembed": _oembed,
    "x.api": _api,
    "x.page": _page,
    "x.page.old": _old_page,
    "x.timeline": _timeline,
    "x.fxtwitter": _fxtwitter,
}
