"""Two captures of one post: what changed between them, and a fingerprint that ignores what always changes.

Belongs here: which fields make a post the same. Counts, times of reading and signed addresses differ with
every capture and say nothing about the post.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

from archiver.models.post import Post
from archiver.reasons import PostStatus

_WHOLE = frozenset({PostStatus.CAPTURED.value})
_SHOWN = frozenset({PostStatus.CAPTURED.value, PostStatus.CAPTURED_PARTIAL.value})


def fingerprint(post: Post) -> str:
    """SHA-256 (hex) over id, text, author's id, media and edits: the same for two captures of an unchanged post."""
    text = json.dumps(_stable(post), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _stable(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "text": post.text,
        "author": post.author.id or post.author.username,
        "media": [_medium(medium.url, medium.sha256) for medium in post.media],
        "edit_ids": list(post.edit_ids),
    }


def _medium(url: str, sha256: str | None) -> str:
    """A medium by its bytes where they are known, else by the part of its address that is not signed."""
    if sha256:
        return sha256
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def changes(before: Post, after: Post) -> list[str]:
    """What the later capture shows differently: `status`, `text`, `author`, `username`, `media`, `edit_ids`; [] for nothing.

    Texts are compared only where both captures show the whole of it: a cut text, or one that another archive or the article's
    markup gave, is no edit.
    """
    found = []
    if before.status != after.status and not (before.status in _SHOWN and after.status in _SHOWN):
        found.append("status")
    if before.status in _WHOLE and after.status in _WHOLE:
        if before.text != after.text:
            found.append("text")
        left, right = _stable(before), _stable(after)
        found += [name for name in ("author", "media", "edit_ids") if left[name] != right[name]]
        if (before.author.username or "").lower() != (after.author.username or "").lower():
            found.append("username")
    return found
