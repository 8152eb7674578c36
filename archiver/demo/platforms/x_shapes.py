"""X's posts in each of the shapes that its endpoints send.

Belongs here: a visible post as JSON or markup. Which answer an endpoint gives is for `x`.
"""

from __future__ import annotations

import html
import re
from typing import Any

from archiver.demo.platforms.net import Net
from archiver.demo.platforms.posts import FakePost

_LINK = re.compile(r"\{link:([^}]+)\}")


def laid_out(post: FakePost, text: str) -> tuple[str, dict[str, Any]]:
    """(escaped text with t.co links, entities with code point indices into it)."""
    urls, pieces, at = [], [], 0
    for number, link in enumerate(_LINK.finditer(text)):
        pieces.append(html.escape(text[at : link.start()], quote=False))
        short = f"https://t.co/{post.native_id[-6:]}{number}Lk"
        start = len("".join(pieces))
        pieces.append(short)
        shown = link[1].removeprefix("https://")
        urls.append(
            {"display_url": shown[:26], "expanded_url": link[1], "url": short, "indices": [start, start + len(short)]}
        )
        at = link.end()
    pieces.append(html.escape(text[at:], quote=False))
    raw = "".join(pieces)
    tags = [
        {"indices": [found.start(), found.end()], "text": found[1]} for found in re.finditer(r"(?<![&\w])#(\w+)", raw)
    ]
    mentions = [
        {"indices": [found.start(), found.end()], "screen_name": found[1], "name": found[1], "id_str": "77"}
        for found in re.finditer(r"(?<!\w)@(\w{1,15})", raw)
    ]
    return raw, {"hashtags": tags, "urls": urls, "user_mentions": mentions, "symbols": []}


def user(post: FakePost, net: Net) -> dict[str, Any]:
    """The classic user object."""
    return {
        "id_str": post.user_id,
        "name": post.name,
        "screen_name": post.username,
        "is_blue_verified": True,
        "verified": False,
        "profile_image_shape": "Circle",
        "profile_image_url_https": net.picture(f"{post.username}-icon"),
    }


def widget(post: FakePost, net: Net, nested: bool = False) -> dict[str, Any]:
    """A visible post in the widget's shape."""
    raw, entities = laid_out(post, post.text)
    shown = [0, len(raw)]
    if post.media or post.video:
        link = f"https://t.co/{post.native_id[-6:]}Pic"
        entities["media"] = [
            {
                "display_url": f"pic.x.com/{post.native_id[-6:]}Pic",
                "expanded_url": f"https://x.com/{post.username}/status/{post.native_id}/photo/1",
                "indices": [len(raw) + 1, len(raw) + 1 + len(link)],
                "url": link,
            }
        ]
        raw = f"{raw} {link}"
    edits = [post.native_id, str(int(post.native_id) + (90_000 << 22))] if post.state == "edited" else [post.native_id]
    value: dict[str, Any] = {
        "__typename": "Tweet",
        "lang": post.language,
        "favorite_count": post.likes,
        "possibly_sensitive": post.sensitive,
        "created_at": iso(post),
        "display_text_range": shown,
        "entities": entities,
        "id_str": post.native_id,
        "text": raw,
        "user": user(post, net),
        "edit_control": {
            "edit_tweet_ids": edits,
            "editable_until_msecs": str(round(post.published.timestamp() * 1000) + 3_600_000),
            "is_edit_eligible": True,
            "edits_remaining": "5",
        },
        "isEdited": len(edits) > 1,
        "isStaleEdit": len(edits) > 1,
    }
    if details := _details(post, net):
        value["mediaDetails"] = details
    if nested:
        return value
    value["conversation_count"] = 3
    value["news_action_type"] = "conversation"
    if post.full_text is not None:
        value["note_tweet"] = {"id": "Tm90ZVR3ZWV0UmVzdWx0czox"}
    if post.quotes and (quoted := net.find("x", post.quotes)):
        value["quoted_tweet"] = widget(quoted, net, nested=True)
    if post.replies_to and (parent := net.find("x", post.replies_to)):
        value |= {"parent": widget(parent, net, nested=True), "in_reply_to_status_id_str": post.replies_to}
    return value


def iso(post: FakePost) -> str:
    """The time as X writes it."""
    return post.published.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _details(post: FakePost, net: Net) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "type": "photo",
            "media_url_https": net.picture(name),
            "ext_alt_text": name.replace("-", " "),
            "original_info": {"width": 640, "height": 360},
            "ext_media_availability": {"status": "Available"},
        }
        for name in post.media
    ]
    if post.video:
        clip = net.picture(post.video).removesuffix(".png")
        found.append(
            {
                "type": "video",
                "media_url_https": net.picture(post.video),
                "original_info": {"width": 1280, "height": 720},
                "video_info": {
                    "aspect_ratio": [16, 9],
                    "duration_millis": 9000,
                    "variants": [
                        {"content_type": "application/x-mpegURL", "url": f"{clip}.m3u8"},
                        {"bitrate": 256_000, "content_type": "video/mp4", "url": f"{clip}-270.mp4"},
                        {"bitrate": 2_176_000, "content_type": "video/mp4", "url": f"{clip}-720.mp4"},
                        {"bitrate": 832_000, "content_type": "video/mp4", "url": f"{clip}-360.mp4"},
                    ],
                },
            }
        )
    return found


def blockquote(post: FakePost, link: str) -> str:
    """The markup that sites paste."""
    words = _LINK.sub(lambda found: f'<a href="https://t.co/x">{html.escape(found[1][8:])}</a>', html.escape(post.text))
    if post.media or post.video:
        words += f' <a href="https://t.co/{post.native_id[-6:]}">pic.twitter.com/{post.native_id[-6:]}</a>'
    direction = "rtl" if post.language in ("fa", "ps", "ur", "ar") else "ltr"
    day = f"{post.published:%B} {post.published.day}, {post.published.year}"
    return (
        f'<blockquote class="twitter-tweet" data-dnt="true"><p lang="{post.language}" dir="{direction}">{words}</p>&mdash; '
        f'{html.escape(post.name)} (@{post.username}) <a href="{link}?ref_src=twsrc%5Etfw">{day}</a></blockquote>\n\n'
    )


def v2(post: FakePost) -> dict[str, Any]:
    """A post in the API's second version."""
    raw, entities = laid_out(post, post.text)
    urls = [{**item, "start": item["indices"][0], "end": item["indices"][1]} for item in entities["urls"]]
    value: dict[str, Any] = {
        "id": post.native_id,
        "author_id": post.user_id,
        "text": raw,
        "created_at": iso(post),
        "conversation_id": post.replies_to or post.native_id,
        "edit_history_tweet_ids": [post.native_id],
        "lang": post.language,
        "possibly_sensitive": post.sensitive,
        "public_metrics": {
            "retweet_count": 5, "reply_count": 3, "like_count": post.likes, "quote_count": 1, "bookmark_count": 0, "impression_count": 9000,
        },
    }  # fmt: skip
    if urls:
        value["entities"] = {"urls": [{k: v for k, v in item.items() if k != "indices"} for item in urls]}
    if post.full_text is not None:
        value["note_tweet"] = {"text": html.escape(post.full_text, quote=False)}
    if post.media:
        value["attachments"] = {"media_keys": [f"3_{post.native_id}{number}" for number in range(len(post.media))]}
    if post.quotes:
        value["referenced_tweets"] = [{"type": "quoted", "id": post.quotes}]
    if post.state == "withheld":
        value["withheld"] = {"copyright": False, "country_codes": ["TR", "IN"]}
    return value


def includes(posts: list[FakePost], net: Net) -> dict[str, Any]:
    """The API's `includes` for some posts."""
    users = {post.user_id: {"id": post.user_id, "name": post.name, "username": post.username} for post in posts}
    media = [
        {
            "media_key": f"3_{post.native_id}{number}",
            "type": "photo",
            "url": net.picture(name),
            "width": 640,
            "height": 360,
        }
        for post in posts
        for number, name in enumerate(post.media)
    ]
    quoted = [net.find("x", post.quotes) for post in posts if post.quotes]
    for post in quoted:
        if post:
            users.setdefault(post.user_id, {"id": post.user_id, "name": post.name, "username": post.username})
    return {"users": list(users.values()), "media": media, "tweets": [v2(post) for post in quoted if post]}


def old_shape(post: FakePost, net: Net) -> dict[str, Any]:
    """A post as X's first API wrote it."""
    raw, entities = laid_out(post, post.text)
    return {
        "id_str": post.native_id,
        "created_at": post.published.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "full_text": raw,
        "display_text_range": [0, len(raw)],
        "entities": entities,
        "lang": post.language,
        "favorite_count": post.likes,
        "user": user(post, net),
    }


def fx(post: FakePost, net: Net) -> dict[str, Any]:
    """A post as FxTwitter writes it."""
    text = _LINK.sub(lambda found: found[1], post.full_text or post.text)
    return {
        "type": "status",
        "id": post.native_id,
        "url": f"https://x.com/{post.username}/status/{post.native_id}",
        "text": text,
        "raw_text": {"text": text, "facets": []},
        "created_at": post.published.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "created_timestamp": round(post.published.timestamp()),
        "is_note_tweet": post.full_text is not None,
        "lang": post.language,
        "likes": post.likes,
        "replies": 3,
        "reposts": 5,
        "author": {
            "id": post.user_id,
            "screen_name": post.username,
            "name": post.name,
            "avatar_url": net.picture("icon"),
        },
        "media": {"all": [{"type": "photo", "url": net.picture(name)} for name in post.media]},
        "quote": None,
    }
