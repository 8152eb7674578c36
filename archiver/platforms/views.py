"""A stored post in other people's words: ActivityStreams 2.0 and schema.org.

Belongs here: pure views for exports. Nothing is stored in these forms. What AS2 and schema.org have no word for stands under
`arc:`, whose address is fixed before the first release.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archiver.models.base import rfc3339
from archiver.models.post import Post, PostMedium
from archiver.platforms import PLATFORMS

ARC = "https://example.org/ns/news-archive#"
"""The namespace of our own words; a placeholder until the project has an address."""

HEADLINE_MAX = 110

SOCIAL_POST = "urn:social-post:"
"""What the names of posts in our own records begin with: network and native id follow."""

_AS2_MEDIA = {"image": "Image", "video": "Video", "audio": "Audio", "animation": "Video"}
_AS2_TAGS = {"hashtag": "Hashtag", "mention": "Mention", "link": "Link"}
_ACTIONS = (("likes", "LikeAction"), ("replies", "CommentAction"), ("reposts", "ShareAction"), ("views", "WatchAction"))


def as_activity(post: Post) -> dict[str, Any]:
    """The post as an ActivityStreams 2.0 `Note`; a repost as `Announce`. Unknown properties are left out."""
    content = post.text_html or _paragraphs(post.text)
    note = {
        "@context": ["https://www.w3.org/ns/activitystreams", {"schema": "https://schema.org/", "arc": ARC}],
        "type": "Announce" if post.repost_of else "Note",
        "id": post.id,
        "url": post.url,
        "attributedTo": _actor(post),
        "published": _time(post.published),
        "updated": _time(post.updated),
        "content": content,
        "contentMap": {post.language: content} if post.language and content else None,
        "source": {"content": post.text_raw, "mediaType": "text/plain"}
        if post.text_raw and not post.text_html
        else None,
        "object": _other(post, post.repost_of),
        "inReplyTo": _other(post, post.in_reply_to),
        "quoteUrl": _other(post, post.quoted),
        "context": _other(post, post.conversation),
        "tag": [_left({"type": _AS2_TAGS[tag.type], "name": tag.name, "href": tag.url}) for tag in post.tags],
        "attachment": [_attachment(medium) for medium in post.media],
        "sensitive": post.sensitive,
        "arc:platform": post.platform,
        "arc:nativeId": post.native_id,
        "arc:idTime": _time(post.id_time),
        "arc:textComplete": post.text_complete,
        "arc:textBasis": post.text_basis,
        "arc:status": post.status,
        "arc:attempts": [attempt.model_dump(mode="json", exclude_none=True) for attempt in post.attempts],
        "arc:obtainedVia": post.obtained_via,
        "arc:terms": post.terms,
        "arc:editIds": post.edit_ids,
        "arc:withheld": post.withheld,
        "arc:metrics": post.metrics.model_dump(mode="json", exclude_none=True),
        "arc:citedBy": [cited.model_dump(mode="json") for cited in post.cited_by],
        "arc:capture": post.capture.model_dump(mode="json", exclude_none=True) if post.capture else None,
    }
    return _left(note)


def as_schema_org(post: Post) -> dict[str, Any]:
    """The post as schema.org `SocialMediaPosting` (JSON-LD). Unknown properties are left out."""
    name, platform = post.author, PLATFORMS.get(post.platform)
    author = {
        "@type": "Organization" if name.type == "organization" else "Person",
        "name": name.name,
        "alternateName": f"@{name.username}" if name.username else None,
        "identifier": name.id,
        "url": name.url,
        "image": name.icon,
    }
    counts = post.metrics.model_dump()
    statistics = [
        {
            "@type": "InteractionCounter",
            "interactionType": f"https://schema.org/{action}",
            "userInteractionCount": counts[key],
            "endTime": _time(post.metrics.at),
        }
        for key, action in _ACTIONS
        if counts[key] is not None
    ]
    view = {
        "@context": "https://schema.org",
        "@type": "SocialMediaPosting",
        "@id": post.id,
        "url": post.url,
        "identifier": post.native_id,
        "headline": _headline(post.text),
        "articleBody": post.text,
        "inLanguage": post.language,
        "author": _left(author),
        "datePublished": _time(post.published),
        "dateModified": _time(post.updated),
        "sharedContent": _left({"@type": "CreativeWork", "url": _other(post, post.quoted)}) if post.quoted else None,
        "image": [_object("ImageObject", medium) for medium in post.media if medium.type == "image"],
        "video": [_object("VideoObject", medium) for medium in post.media if medium.type in ("video", "animation")],
        "interactionStatistic": [_left(item) for item in statistics],
        "isPartOf": {"@type": "WebSite", "name": platform.label} if platform else None,
        "archivedAt": f"{SOCIAL_POST}{post.platform}:{post.native_id}" if post.capture else None,
        "isFamilyFriendly": None if post.sensitive is None else not post.sensitive,
    }
    return _left(view)


def _left(values: dict[str, Any]) -> dict[str, Any]:
    """The entries that say something."""
    return {key: value for key, value in values.items() if value is not None and value != [] and value != {}}


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None


def _headline(text: str | None) -> str | None:
    if not text:
        return None
    line = " ".join(text.split())
    return line if len(line) <= HEADLINE_MAX else line[: HEADLINE_MAX - 1].rstrip() + "…"


def _paragraphs(text: str | None) -> str | None:
    """Plain text as HTML, since AS2's `content` is HTML."""
    if not text:
        return None
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"<p>{part.strip()}</p>" for part in escaped.split("\n\n") if part.strip()).replace("\n", "<br>")


def _actor(post: Post) -> dict[str, Any] | None:
    author = post.author
    actor = {
        "type": "Organization" if author.type == "organization" else "Person",
        "id": author.url,
        "name": author.name,
        "preferredUsername": author.username,
        "icon": {"type": "Image", "url": author.icon} if author.icon else None,
        "arc:nativeId": author.id,
    }
    return _left(actor) if author.username or author.name or author.id else None


def _other(post: Post, native_id: str | None) -> str | None:
    """Another post of the same network by its key, as an address where the network has one for the key alone."""
    if native_id is None or "://" in native_id:
        return native_id
    if post.platform == "x":
        return f"https://x.com/i/status/{native_id}"
    if post.platform == "telegram":
        return f"https://t.me/{native_id}"
    if post.platform == "bluesky":
        did, _, rkey = native_id.rpartition("/")
        return f"https://bsky.app/profile/{did}/post/{rkey}"
    return f"{SOCIAL_POST}{post.platform}:{native_id}"


def _attachment(medium: PostMedium) -> dict[str, Any]:
    return _left(
        {
            "type": _AS2_MEDIA[medium.type],
            "url": medium.url,
            "mediaType": medium.media_type,
            "name": medium.alt,
            "width": medium.width,
            "height": medium.height,
            "arc:sha256": medium.sha256,
        }
    )


def _object(kind: str, medium: PostMedium) -> dict[str, Any]:
    return _left(
        {
            "@type": kind,
            "contentUrl": medium.url,
            "encodingFormat": medium.media_type,
            "caption": medium.alt,
            "width": medium.width,
            "height": medium.height,
            "sha256": medium.sha256,
        }
    )
