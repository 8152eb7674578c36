"""What all of X's answers share: entities laid over text, authors, media, tags, and the words of a "gone" answer.

Belongs here: the classic shapes (`entities`, `media` with `video_info`), which syndication, the timeline, the page and old API
copies all use.
"""

from __future__ import annotations

import html
from typing import Any

from archiver.models.post import PostAuthor, PostMedium, PostTag
from archiver.platforms.payloads import a_count, a_dict, a_text, a_url, an_id, dicts, strings
from archiver.reasons import PostOutcome

_SAID = (
    # in the answer's words, in lower case -> what it says; the first that fits wins
    ("suspended", PostOutcome.SUSPENDED),
    ("no longer exists", PostOutcome.ACCOUNT_GONE),
    ("was deleted", PostOutcome.DELETED),
    ("deleted by", PostOutcome.DELETED),
    ("limits who can", PostOutcome.PROTECTED),
    ("protected", PostOutcome.PROTECTED),
    ("not authorized to see", PostOutcome.PROTECTED),
    ("age-restricted", PostOutcome.AGE_GATED),
    ("adult content", PostOutcome.AGE_GATED),
    ("withheld", PostOutcome.WITHHELD),
)


def outcome_of_words(words: str | None) -> PostOutcome:
    """What a tombstone's or an error's wording says; `unavailable` when it names no reason."""
    lowered = (words or "").lower().replace("’", "'")
    return next((outcome for words_, outcome in _SAID if words_ in lowered), PostOutcome.UNAVAILABLE)


def author_of(user: dict[str, Any]) -> PostAuthor:
    """The author from a classic `user` object (also under GraphQL's `legacy` and `core`)."""
    legacy = a_dict(user, "legacy") or user
    core = a_dict(user, "core")
    username = a_text(legacy, "screen_name") or a_text(core, "screen_name")
    kind = a_text(user, "verified_type") or a_text(legacy, "verified_type")
    return PostAuthor(
        id=an_id(user, "id_str") or an_id(user, "rest_id"),
        name=_unescaped(a_text(legacy, "name") or a_text(core, "name")),
        username=username,
        url=f"https://x.com/{username}" if username else None,
        icon=a_url(legacy, "profile_image_url_https") or a_url(user, "avatar", "image_url"),
        type="organization" if kind in ("Business", "Government") else None,
    )


def _unescaped(text: str | None) -> str | None:
    return html.unescape(text) if text else text


def expanded(raw: str, entities: dict[str, Any], shown: Any = None) -> str:
    """The text as people read it: links expanded, pictures' links dropped, escapes undone.

    Indices count code points of the escaped text, and senders get them wrong: each link is replaced where its own `url`
    string stands, and indices only choose between several places. `shown` is `display_text_range`.
    """
    start, end = _range(shown, len(raw))
    pieces: list[str] = []
    at = start
    for first, last, words in sorted(_replacements(raw, entities)):
        if first < at or first >= end:
            continue
        pieces += [html.unescape(raw[at:first]), words]
        at = last
    pieces.append(html.unescape(raw[at : max(at, end)]))
    return "".join(pieces).strip()


def _range(shown: Any, length: int) -> tuple[int, int]:
    if isinstance(shown, list) and len(shown) == 2 and all(type(part) is int for part in shown):
        start, end = shown
        if 0 <= start < end:
            return min(start, length), min(end, length)
    return 0, length


def _replacements(raw: str, entities: dict[str, Any]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    taken: set[int] = set()
    for group, target in (("urls", _target), ("media", _nothing)):
        for entity in dicts(entities, group):
            url = a_text(entity, "url")
            place = _place(raw, url, entity, taken) if url else None
            if url and place is not None:
                taken.add(place)
                found.append((place, place + len(url), target(entity, url)))
    return found


def _target(entity: dict[str, Any], url: str) -> str:
    return a_url(entity, "expanded_url") or a_url(entity, "unwound_url") or url


def _nothing(entity: dict[str, Any], url: str) -> str:
    return ""


def _place(raw: str, url: str, entity: dict[str, Any], taken: set[int]) -> int | None:
    indices = entity.get("indices")
    hint = indices[0] if isinstance(indices, list) and indices and type(indices[0]) is int else entity.get("start")
    hint = hint if type(hint) is int else 0
    places: list[int] = []
    at = raw.find(url)
    while at >= 0 and len(places) < 200:
        if at not in taken:
            places.append(at)
        at = raw.find(url, at + 1)
    return min(places, key=lambda place: abs(place - hint), default=None)


def tags_of(entities: dict[str, Any]) -> tuple[PostTag, ...]:
    """Hashtags, mentions and links in the order of their groups; both spellings of the groups' names."""
    tags = [
        PostTag(type="hashtag", name=name, url=f"https://x.com/hashtag/{name}")
        for item in dicts(entities, "hashtags")
        if (name := a_text(item, "text") or a_text(item, "tag"))
    ]
    tags += [
        PostTag(type="mention", name=name, url=f"https://x.com/{name}")
        for item in dicts(entities, "user_mentions") + dicts(entities, "mentions")
        if (name := a_text(item, "screen_name") or a_text(item, "username"))
    ]
    tags += [
        PostTag(type="link", name=a_text(item, "display_url") or url, url=url)
        for item in dicts(entities, "urls")
        if (url := a_url(item, "expanded_url") or a_url(item, "url"))
    ]
    return tuple(tags)


def media_of(items: list[dict[str, Any]]) -> tuple[PostMedium, ...]:
    """Media from classic media objects (`mediaDetails`, `extended_entities.media`), each URL once."""
    found: dict[str, PostMedium] = {}
    for item in items:
        medium = _moving(item) if a_dict(item, "video_info") else _photo(item)
        if medium:
            found.setdefault(medium.url, medium)
    return tuple(found.values())


def _photo(item: dict[str, Any]) -> PostMedium | None:
    url = a_url(item, "media_url_https") or a_url(item, "url")
    if not url:
        return None
    width, height = _size(item)
    return PostMedium(type="image", url=original(url), alt=a_text(item, "ext_alt_text"), width=width, height=height)


def _moving(item: dict[str, Any]) -> PostMedium | None:
    best = best_variant(dicts(item, "video_info", "variants"))
    if best is None:
        return _photo(item)
    width, height = _size(item)
    return PostMedium(
        type="animation" if a_text(item, "type") == "animated_gif" else "video",
        url=best[0],
        media_type=best[1],
        alt=a_text(item, "ext_alt_text"),
        width=width,
        height=height,
    )


def best_variant(variants: list[dict[str, Any]]) -> tuple[str, str | None] | None:
    """(URL, media type) of the mp4 with the highest bit rate; another form (HLS) only when there is no mp4."""
    rated: list[tuple[bool, int, str, str | None]] = []
    for item in variants:
        url = a_url(item, "url") or a_url(item, "src")
        kind = a_text(item, "content_type") or a_text(item, "type")
        if url:
            rate = a_count(item, "bitrate") or a_count(item, "bit_rate") or 0
            rated.append((kind == "video/mp4", rate, url, kind))
    if not rated:
        return None
    best = max(rated, key=lambda item: (item[0], item[1]))
    return best[2], best[3]


def _size(item: dict[str, Any]) -> tuple[int | None, int | None]:
    size = a_dict(item, "original_info")
    return a_count(size, "width"), a_count(size, "height")


def original(url: str) -> str:
    """A photo's URL at full size: `name=orig`, which X's picture host takes instead of the size."""
    address, _, query = url.partition("?")
    others = [part for part in query.split("&") if part and not part.startswith("name=")]
    return f"{address}?{'&'.join([*others, 'name=orig'])}"


def withheld_in(value: dict[str, Any]) -> tuple[str, ...]:
    """Country codes in which the post is withheld, and `copyright` where that is the reason."""
    codes = strings(value, "withheld_in_countries") or strings(value, "withheld", "country_codes")
    copyright_ = value.get("withheld_copyright") is True or dict(a_dict(value, "withheld")).get("copyright") is True
    return (*codes, *(["copyright"] if copyright_ else []))
