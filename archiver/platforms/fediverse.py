"""Posts of servers that speak Mastodon's API and ActivityPub, and the rules for asking a server that a page names.

Belongs here: the shapes that Mastodon and Truth Social share, and `may_ask`. Addresses after name resolution are checked by
the download handler; here a host is refused by its name.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from archiver.models.post import PostAuthor, PostMedium, PostMetrics, PostTag
from archiver.platforms import pages
from archiver.platforms.base import PostRef
from archiver.platforms.failures import drift, failure, said
from archiver.platforms.payloads import (
    Unreadable,
    a_bool,
    a_count,
    a_dict,
    a_text,
    a_url,
    an_id,
    dicts,
    html_text,
    instant,
    json_of,
    raw_json,
)
from archiver.platforms.steps import Answer, Draft, Reading
from archiver.reasons import PostOutcome

ACTIVITY = (("Accept", "application/activity+json"),)
_PRIVATE_NAMES = re.compile(r"(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|arpa|onion|invalid|test)$")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})+")
_USERS = re.compile(r"/(?:users/|@)([\w.-]+)")
_KINDS = {"image": "image", "video": "video", "gifv": "animation", "audio": "audio"}


def may_ask(url: str) -> bool:
    """Whether a URL that a page or an answer named may be asked at all: https, the usual port, a public host name."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or port not in (None, 443) or parts.username or parts.password:
        return False
    return bool(_HOST.fullmatch(host)) and not _PRIVATE_NAMES.search(host) and not _is_address(host)


def _is_address(host: str) -> bool:
    """Whether a host is an IP address in any spelling that a resolver takes (also `0x7f.1` and `2130706433`)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2]
        return last.isdecimal() or last.startswith("0x")
    return True


def read_status(answer: Answer, ref: PostRef) -> Reading:
    """A status of Mastodon's API. 401 is authorized-fetch mode; 404 is missing or private: the answer does not tell."""
    if failed := failure(answer):
        return failed
    try:
        value = json_of(answer)
    except Unreadable as problem:
        return drift(answer, problem)
    post = draft_of_status(value, ref)
    if post is None:
        return Reading(PostOutcome.SCHEMA_DRIFT, said(answer) or "no status")
    if a_text(value, "visibility") in ("private", "direct"):
        return Reading(PostOutcome.PROTECTED, "not public")
    return Reading(PostOutcome.OK, None, post)


def draft_of_status(value: Any, ref: PostRef, nested: bool = False) -> Draft | None:
    """A draft from a status; `HOST/ID` of the asked server stays the key, the answer's `url` is for people."""
    number, markup = an_id(value, "id"), value.get("content") if isinstance(value, dict) else None
    account = a_dict(value, "account")
    if not number or not isinstance(markup, str) or not account:
        return None
    host = ref.extra.get("host")
    native_id = f"{host}/{number}" if host else number
    if not nested and native_id != ref.native_id:
        return None
    quote = a_dict(value, "quote")
    quoted = a_dict(quote, "quoted_status") or quote
    related = draft_of_status(quoted, ref, nested=True) if an_id(quoted, "id") and not nested else None
    above = a_dict(value, "in_reply_to")  # Truth Social shows the post above
    parent = draft_of_status(above, ref, nested=True) if an_id(above, "id") and not nested else None
    url = a_url(value, "url") or a_url(value, "uri") or ref.canonical_url
    warning = a_text(value, "spoiler_text")
    return Draft(
        platform=ref.platform,
        native_id=native_id,
        id=(a_url(value, "uri") or url) if nested else ref.canonical_url,
        url=url,
        author=_account(account),
        published=instant(a_text(value, "created_at")),
        published_raw=a_text(value, "created_at"),
        updated=instant(a_text(value, "edited_at")),
        text=_text(markup, warning),
        text_raw=markup or None,
        text_html=markup or None,
        entities_raw=raw_json(
            {"uri": a_text(value, "uri"), "spoiler_text": warning} if warning else {"uri": a_text(value, "uri")}
        ),
        text_complete=True,
        text_basis="api",
        language=a_text(value, "language"),
        in_reply_to=_here(host, an_id(value, "in_reply_to_id") or an_id(above, "id")),
        quoted=related.native_id if related else None,
        repost_of=_here(host, an_id(value, "reblog", "id")),
        tags=_tags(value),
        media=tuple(m for item in dicts(value, "media_attachments") if (m := _attachment(item))),
        sensitive=a_bool(value, "sensitive"),
        metrics=PostMetrics(
            likes=a_count(value, "favourites_count"),
            replies=a_count(value, "replies_count"),
            reposts=a_count(value, "reblogs_count"),
            quotes=a_count(value, "quotes_count"),
        ),
        related=tuple(other for other in (related, parent) if other),
    )


def _here(host: str | None, number: str | None) -> str | None:
    """The key of another post by the number that the asked server gives it: `HOST/ID` where servers number for themselves."""
    return f"{host}/{number}" if host and number else number


def _text(markup: str, warning: str | None) -> str | None:
    words = html_text(markup)
    return "\n\n".join(part for part in (warning, words) if part) or None


def _account(account: dict[str, Any]) -> PostAuthor:
    organization = a_bool(account, "group") or a_bool(account, "is_organization")
    return PostAuthor(
        id=an_id(account, "id"),
        name=a_text(account, "display_name") or a_text(account, "username"),
        username=a_text(account, "acct") or a_text(account, "username"),
        url=a_url(account, "url"),
        icon=a_url(account, "avatar"),
        type="organization" if organization else None,
    )


def _tags(value: dict[str, Any]) -> tuple[PostTag, ...]:
    tags = [
        PostTag(type="hashtag", name=n, url=a_url(i, "url")) for i in dicts(value, "tags") if (n := a_text(i, "name"))
    ]
    tags += [
        PostTag(type="mention", name=n, url=a_url(i, "url"))
        for i in dicts(value, "mentions")
        if (n := a_text(i, "acct"))
    ]
    if card := a_url(value, "card", "url"):
        tags.append(PostTag(type="link", name=a_text(value, "card", "title") or card, url=card))
    return tuple(tags)


def _attachment(item: dict[str, Any]) -> PostMedium | None:
    url = a_url(item, "url") or a_url(item, "remote_url")
    kind = _KINDS.get(a_text(item, "type") or "")
    if not url or not kind:
        return None
    return PostMedium.model_validate(
        {
            "type": kind,
            "url": url,
            "alt": a_text(item, "description"),
            "width": a_count(item, "meta", "original", "width"),
            "height": a_count(item, "meta", "original", "height"),
        }
    )


def read_note(answer: Answer, ref: PostRef) -> Reading:
    """An ActivityPub object. A Tombstone says that the post was deleted."""
    try:
        value = json_of(answer) if answer.status in (200, 404, 410) else None
    except Unreadable as problem:
        return failure(answer) or drift(answer, problem)
    if a_text(value, "type") == "Tombstone":
        return Reading(PostOutcome.DELETED, f"Tombstone {a_text(value, 'deleted') or ''}".strip())
    if failed := failure(answer):
        return failed
    if a_text(value, "type") == "Create":
        value = a_dict(value, "object")
    post = draft_of_note(value, ref)
    return Reading(PostOutcome.OK, None, post) if post else Reading(PostOutcome.SCHEMA_DRIFT, "no Note")


def draft_of_note(value: Any, ref: PostRef) -> Draft | None:
    """A draft from an ActivityStreams Note (also Question, Article)."""
    markup, link = (value.get("content"), a_url(value, "id")) if isinstance(value, dict) else (None, None)
    if not isinstance(markup, str) or not link or a_text(value, "type") not in ("Note", "Question", "Article", "Page"):
        return None
    actor = a_url(value, "attributedTo") or a_url(value, "attributedTo", "id")
    named = _USERS.search(urlsplit(actor).path) if actor else None
    languages = list(a_dict(value, "contentMap"))
    return Draft(
        platform=ref.platform,
        native_id=ref.native_id or "",
        id=ref.canonical_url,
        url=a_url(value, "url") or link,
        author=PostAuthor(id=actor, username=named[1] if named else ref.username, url=actor),
        published=instant(a_text(value, "published")),
        published_raw=a_text(value, "published"),
        updated=instant(a_text(value, "updated")),
        text=_text(markup, a_text(value, "summary")),
        text_raw=markup or None,
        text_html=markup or None,
        entities_raw=raw_json({"uri": link}),
        text_complete=True,
        text_basis="api",
        language=languages[0][:35] if len(languages) == 1 else None,
        in_reply_to=a_url(value, "inReplyTo"),
        quoted=a_url(value, "quote") or a_url(value, "quoteUrl") or a_url(value, "_misskey_quote"),
        tags=tuple(
            PostTag(type="hashtag" if kind == "Hashtag" else "mention", name=name.lstrip("#@"), url=a_url(item, "href"))
            for item in dicts(value, "tag")
            if (kind := a_text(item, "type")) in ("Hashtag", "Mention") and (name := a_text(item, "name"))
        ),
        media=tuple(m for item in dicts(value, "attachment") if (m := _document(item))),
        sensitive=a_bool(value, "sensitive"),
    )


def _document(item: dict[str, Any]) -> PostMedium | None:
    url, kind = a_url(item, "url") or a_url(item, "href"), a_text(item, "mediaType") or ""
    family = kind.partition("/")[0]
    if not url or family not in ("image", "video", "audio"):
        return None
    return PostMedium.model_validate(
        {
            "type": family,
            "url": url,
            "media_type": kind,
            "alt": a_text(item, "name"),
            "width": a_count(item, "width"),
            "height": a_count(item, "height"),
        }
    )


def read_page(answer: Answer, ref: PostRef) -> Reading:
    """What the post's page tells those who share it: partial."""
    tree = pages.page_of(answer)
    if isinstance(tree, Reading):
        return tree
    post = pages.draft_of_metadata(tree, ref)
    if post is None:
        return drift(answer, "a page without words about a post")
    return Reading(PostOutcome.PARTIAL, "only the page's metadata", post)
