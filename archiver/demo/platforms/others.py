"""YouTube, TikTok, Reddit, LinkedIn, Meta's graph, the Wayback Machine and Bing as they answer.

States of their own: YouTube `no-embed` (401), `private` (403), `forbidden-200` (the word Forbidden with status 200), `removed`
(the page says by whom); Reddit `removed`, `deleted-shell`; Meta `rate`, `no-token`, `invitation`.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

from archiver.demo.platforms.net import Net
from archiver.demo.platforms.posts import FakePost
from archiver.demo.platforms.reply import COMMON, NOT_FOUND_PAGE, Ask, Reply, as_html, as_json, as_text, page
from archiver.demo.platforms.x_shapes import blockquote, old_shape

_GONE = ("deleted", "not-found", "deleted-404")


def answer(ask: Ask, net: Net) -> Reply | None:
    """The answer of one of these endpoints; None when it is none of them."""
    if ask.endpoint.startswith("short:"):
        return _short(ask, net)
    asked = _ENDPOINTS.get(ask.endpoint)
    return asked(ask, net) if asked else None


def _find(platform: str, pattern: str, url: str, net: Net) -> FakePost | None:
    found = re.search(pattern, url)
    return net.find(platform, found[1]) if found else None


def _state(post: FakePost | None, ask: Ask) -> str:
    return post.state_at(ask.endpoint) if post else "not-found"


def _oembed_value(post: FakePost, provider: str, **more: Any) -> dict[str, Any]:
    return {
        "version": "1.0",
        "provider_name": provider,
        "title": post.text,
        "author_name": post.name,
        "html": f'<iframe title="{html.escape(post.text)}"></iframe>',
        "thumbnail_width": 480,
        "thumbnail_height": 360,
        **more,
    }


def _youtube(ask: Ask, net: Net) -> Reply:
    url = ask.query.get("url", "") if ask.path == "/oembed" else f"v={ask.query.get('v', '')}"
    post = _find("youtube", r"v=([\w-]{11})", url, net)
    state = _state(post, ask)
    if state in COMMON:
        return COMMON[state]
    if ask.path == "/watch":
        return net.faulty(as_html(_watch(post, state, net)), state)
    if state == "forbidden-200":
        return as_text("Forbidden")
    if state == "no-embed":
        return as_text("Unauthorized", 401)
    if state == "private":
        return as_text("Forbidden", 403)
    if post is None or state in (*_GONE, "removed"):
        return as_text("Not Found", 404) if url else as_text("Bad Request", 400)
    value = _oembed_value(post, "YouTube", type="video", author_url=f"https://www.youtube.com/@{post.username}",
                          thumbnail_url=net.picture("thumb"))  # fmt: skip
    return net.faulty(as_json(value), state)


def _watch(post: FakePost | None, state: str, net: Net) -> str:
    reasons = {
        "private": ("LOGIN_REQUIRED", "This video is private"),
        "removed": ("ERROR", "This video has been removed by the uploader"),
        "age-gated": ("LOGIN_REQUIRED", "Sign in to confirm your age"),
        "suspended": ("ERROR", "This video is no longer available because the YouTube account has been terminated."),
        "withheld": ("UNPLAYABLE", "The uploader has not made this video available in your country"),
    }
    if post is None or state in _GONE or state in reasons:
        status, reason = reasons.get(state, ("ERROR", "Video unavailable"))
        data: dict[str, Any] = {"playabilityStatus": {"status": status, "reason": reason}}
    else:
        data = {
            "playabilityStatus": {"status": "OK"},
            "videoDetails": {
                "videoId": post.native_id,
                "title": post.text,
                "shortDescription": post.full_text or "",
                "channelId": post.user_id,
                "author": post.name,
                "viewCount": str(post.likes * 10),
                "thumbnail": {"thumbnails": [{"url": net.picture("thumb"), "width": 480, "height": 360}]},
            },
            "microformat": {
                "playerMicroformatRenderer": {
                    "publishDate": post.published.isoformat(),
                    "ownerProfileUrl": f"https://www.youtube.com/@{post.username}",
                    "likeCount": str(post.likes),
                }
            },
        }
    return page("YouTube", f"<script>var ytInitialPlayerResponse = {json.dumps(data)};var meta = 1;</script>")


def _tiktok(ask: Ask, net: Net) -> Reply:
    url = ask.query.get("url", "") if ask.path == "/oembed" else ask.path
    post = _find("tiktok", r"/(?:video|photo)/(\d+)", url, net)
    state = _state(post, ask)
    if state in COMMON:
        return COMMON[state]
    if ask.path == "/oembed":
        if post is None or state in _GONE:
            return as_json({"code": 400, "message": "Something went wrong"}, 400)
        return net.faulty(as_json(_oembed_value(post, "TikTok", type="video", thumbnail_url=net.picture("thumb"),
                          author_url=f"https://www.tiktok.com/@{post.username}")), state)  # fmt: skip
    detail: dict[str, Any] = {"statusCode": 10204, "statusMsg": "item doesn't exist"}
    if post is not None and state not in _GONE:
        detail = {"statusCode": 0, "statusMsg": "", "itemInfo": {"itemStruct": {
            "id": post.native_id, "desc": post.text, "createTime": str(round(post.published.timestamp())),
            "textLanguage": post.language, "author": {"id": post.user_id, "uniqueId": post.username, "nickname": post.name},
            "video": {"cover": net.picture("cover"), "duration": 15},
            "stats": {"diggCount": post.likes, "shareCount": 2, "commentCount": 3, "playCount": 400},
        }}}  # fmt: skip
    data = {"__DEFAULT_SCOPE__": {"webapp.video-detail": detail}}
    script = f'<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{json.dumps(data)}</script>'
    return as_html(page("TikTok", script))


def _reddit(ask: Ask, net: Net) -> Reply:
    if ask.path.endswith(".json"):
        return COMMON["forbidden"]
    url = ask.query.get("url", "") if ask.path == "/oembed" else ask.path
    found = re.search(r"/comments/(\w+)(?:/comment/(\w+))?", url)
    native_id = (f"t1_{found[2]}" if found[2] else f"t3_{found[1]}") if found else ""
    post = net.find("reddit", native_id)
    state = _state(post, ask)
    if state in COMMON:
        return COMMON[state]
    shell = {"removed": "[removed]", "deleted-shell": "[deleted by user]"}.get(state)
    if post is None or state in _GONE:
        return NOT_FOUND_PAGE
    if ask.path == "/oembed":
        value = _oembed_value(post, "reddit", type="rich", author_name=post.username)
        return net.faulty(as_json({**value, "title": shell or post.text}), state)
    head = f'<meta property="og:title" content="{html.escape(shell or post.text)}">'
    return as_html(page("Reddit", "", head))


def _linkedin(ask: Ask, net: Net) -> Reply:
    post = net.find("linkedin", ask.path.removeprefix("/feed/update/").strip("/"))
    state = _state(post, ask)
    if state in COMMON:
        return COMMON[state]
    if post is None or state in _GONE:
        return NOT_FOUND_PAGE
    data = {
        "@context": "http://schema.org",
        "@type": "SocialMediaPosting",
        "articleBody": post.text,
        "datePublished": post.published.isoformat(),
        "author": {"@type": "Person", "name": post.name, "url": f"https://www.linkedin.com/in/{post.username}"},
        "interactionStatistic": {"@type": "InteractionCounter", "interactionType": "http://schema.org/LikeAction",
                                 "userInteractionCount": post.likes},
    }  # fmt: skip
    return as_html(page("LinkedIn", "", f'<script type="application/ld+json">{json.dumps(data)}</script>'))


_META = {
    "facebook": r"(pfbid\w+|\d{5,25})(?!.*\d{5})",
    "instagram": r"instagram\.com/p/([\w-]+)",
    "threads": r"/(?:post|t)/([\w-]+)",
}


def _meta(ask: Ask, net: Net) -> Reply:
    url = ask.query.get("url", "")
    platform = "threads" if ask.endpoint == "threads.graph" else "instagram" if "instagram" in ask.path else "facebook"
    post = _find(platform, _META[platform], url, net)
    state = _state(post, ask)
    if state in COMMON:
        return COMMON[state]
    errors = {"rate": (4, "Application request limit reached"), "no-token": (190, "Invalid OAuth access token.")}
    if state in errors:
        code, words = errors[state]
        return as_json({"error": {"message": words, "type": "OAuthException", "code": code}}, 400)
    if post is None or state in _GONE:
        words = "(#24) The requested resource does not exist"
        return as_json({"error": {"message": words, "type": "OAuthException", "code": 24}}, 400)
    shown = "View this post on Instagram" if state == "invitation" else html.escape(post.text)
    markup = f'<blockquote class="{platform}-media"><div><p>{shown}</p></div></blockquote>'
    value = {"version": "1.0", "provider_name": platform.title(), "type": "rich", "width": 658, "html": markup}
    return net.faulty(as_json(value), state)


def _wayback(ask: Ask, net: Net) -> Reply:
    if ask.path == "/cdx/search/cdx":
        return _index(ask, net)
    found = re.fullmatch(r"/web/(\d{14})id_/(https?:/+.*)", ask.path)
    post = _find("x", r"/status/(\d+)", found[2], net) if found else None
    if post is None or not post.copies:
        return NOT_FOUND_PAGE
    if found and found[2].endswith(".json"):
        return as_json(old_shape(post, net))
    head = f'<meta property="og:url" content="https://twitter.com/{post.username}/status/{post.native_id}">'
    head += f'<meta property="og:title" content="{html.escape(f"{post.name} on Twitter: “{post.text}”")}">'
    return as_html(page("Twitter", blockquote(post, "https://twitter.com"), head))


def _index(ask: Ask, net: Net) -> Reply:
    found = re.fullmatch(r"(twitter\.com|x\.com)/(\w+)/status/(\d*)\*", ask.query.get("url", ""))
    state = net.timelines.get("wayback", "")
    if state in COMMON:
        return COMMON[state]
    rows = [["timestamp", "original", "mimetype", "statuscode"]]
    for post in net.by("x", found[2]) if found and found[1] == "twitter.com" else []:
        if post.copies and post.native_id.startswith(found[3] if found else ""):
            rows.append(
                [
                    f"{post.published:%Y%m%d%H%M%S}",
                    f"https://twitter.com/{post.username}/status/{post.native_id}",
                    "text/html",
                    "200",
                ]
            )
    return as_json(rows) if len(rows) > 1 else Reply(200, b"[]\n")


def _bing(ask: Ask, net: Net) -> Reply:
    posts = [post for post in net.search("x", ask.query.get("q", "")) if post.state_at("bing") == "visible"][:10]
    items = "".join(
        f"<item><title>{html.escape(post.name)}</title><link>https://x.com/{post.username}/status/{post.native_id}</link>"
        f"<description>{html.escape(post.text[:120])}</description></item>"
        for post in posts
    )
    feed = (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Bing</title>{items}</channel></rss>'
    )
    return Reply(200, feed.encode(), "text/xml; charset=utf-8")


def _short(ask: Ask, net: Net) -> Reply:
    target = net.shorts.get((ask.endpoint.partition(":")[2], ask.path))
    if target is None:
        return NOT_FOUND_PAGE
    if "Mozilla" in ask.header("user-agent"):
        refresh = f'<noscript><META http-equiv="refresh" content="0;URL={html.escape(target)}"></noscript>'
        return as_html(page(target, "", refresh))
    return Reply(301, b"", "text/html; charset=utf-8", (("Location", target),))


_ITEMS: dict[str, dict[str, Any]] = {
    # Invented people: two share a name, one changed accounts, one is an outlet; of two pairs only one has an account: the other of
    # the first pair lives, of the second is dead, and a family name stands beside them.
    "Q900000001": {"name": "Sara Haidari", "human": True, "x": [("shaidari_demo", "normal", None)]},
    "Q900000002": {"name": "Omar Sayeed", "human": True, "x": [("omar_one", "normal", None)]},
    "Q900000003": {"name": "Omar Sayeed", "human": True, "x": [("omar_two", "normal", None)]},
    "Q900000004": {
        "name": "Nargis Amiri",
        "human": True,
        "x": [
            ("old_nargis", "normal", "+2024-05-01T00:00:00Z"),
            ("new_nargis", "normal", None),
            ("fake", "deprecated", None),
        ],
    },
    "Q900000005": {"name": "Sara Haidari", "human": False, "x": [("haidari_foundation", "normal", None)]},
    "Q900000006": {"name": "Kamal Noor", "human": True, "x": []},
    "Q900000007": {"name": "Farid Latif", "human": True, "x": [("farid_latif", "normal", None)]},
    "Q900000008": {"name": "Farid Latif", "human": True, "x": []},
    "Q900000009": {"name": "Leila Darwish", "human": True, "x": [("leila_d", "normal", None)]},
    "Q900000010": {"name": "Leila Darwish", "human": True, "x": [], "died": "+1931-00-00T00:00:00Z"},
    "Q900000011": {"name": "Leila Darwish", "human": False, "kind": "Q101352", "x": []},
}


def _wikidata(ask: Ask, net: Net) -> Reply:
    if state := net.timelines.get("wikidata"):
        return COMMON[state]
    if ask.query.get("action") == "wbsearchentities":
        wanted = ask.query.get("search", "").casefold()
        found = [
            {"id": item, "label": value["name"]} for item, value in _ITEMS.items() if value["name"].casefold() == wanted
        ]
        return as_json({"search": found, "success": 1})
    asked = ask.query.get("ids", "").split("|")
    return as_json({"entities": {item: _item(item) for item in asked if item in _ITEMS}, "success": 1})


def _item(item: str) -> dict[str, Any]:
    value = _ITEMS[item]
    kind = "Q5" if value["human"] else value.get("kind", "Q157031")
    claims: dict[str, Any] = {"P31": [{"mainsnak": {"datavalue": {"value": {"id": kind}}}, "rank": "normal"}]}
    if died := value.get("died"):
        claims["P570"] = [{"mainsnak": {"datavalue": {"value": {"time": died}}}, "rank": "normal"}]
    for username, rank, ended in value["x"]:
        claim: dict[str, Any] = {"mainsnak": {"datavalue": {"value": username, "type": "string"}}, "rank": rank}
        claim["qualifiers"] = {"P6552": [{"datavalue": {"value": "4455667788"}}]}
        if ended:
            claim["qualifiers"]["P582"] = [{"datavalue": {"value": {"time": ended}}}]
        claims.setdefault("P2002", []).append(claim)
    return {"id": item, "labels": {"en": {"language": "en", "value": value["name"]}}, "aliases": {}, "claims": claims}


_ENDPOINTS = {
    "wikidata": _wikidata,
    "youtube": _youtube,
    "tiktok": _tiktok,
    "reddit": _reddit,
    "reddit.embed": _reddit,
    "linkedin": _linkedin,
    "meta.graph": _meta,
    "threads.graph": _meta,
    "wayback": _wayback,
    "bing": _bing,
}
