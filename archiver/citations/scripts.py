"""Posts that only a script holds: the state of the page as JSON, and linked data.

Belongs here: reading JSON out of scripts within bounds, and telling this article's part of it from other stories'. A site's state
often holds the next articles too, so a post counts only where the words of this article's body stand in the same piece.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from archiver.citations.found import Finding, posts_in
from archiver.citations.generic import hinted, parsed, sightings
from archiver.citations.places import dense
from archiver.citations.prescan import folded, may_cite
from archiver.platforms import x

SCRIPT_MAX = 5_000_000
STRINGS_MAX = 100_000
DEPTH_MAX = 200
PATH_MAX = 40
HITS_MAX = 500
NEAR = 6_000
SAMPLE = 40

_START = re.compile(r"[\[{]")
_CLAIM = frozenset({"itemreviewed", "appearance", "firstappearance", "citation", "sharedcontent", "mentions"})
_NOT_HERE = re.compile(
    r"sameas|share|author|creator|publisher|account|profile|related|recommend|social_?links?|follow|footer|nav|menu|thumbnail|image|logo"
    r"|avatar|seo|meta$|sponsor|advert",
    re.IGNORECASE,
)
_HOLDS_POSTS = re.compile(
    r"tweet|twitter|embed|oembed|social|instagram|tiktok|facebook|url|src|href|permalink|html|value|content",
    re.IGNORECASE,
)
_ID_KEY = re.compile(r"(?:embedded_?)?tweet_?id(?:_?str)?", re.IGNORECASE)
_UNESCAPE = (("\\u003c", "<"), ("\\u003C", "<"), ("\\u003e", ">"), ("\\u003E", ">"), ("\\u002f", "/"), ("\\u002F", "/"),
             ("\\u0026", "&"), ("\\/", "/"), ('\\"', '"'))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One string of a JSON document with the keys and numbers that lead to it."""

    path: tuple[str | int, ...]
    text: str


def script_sightings(tree: HtmlElement, paragraphs: list[str]) -> Iterator[Finding]:
    """Posts in scripts that belong to the article whose `paragraphs` these are; the finding's element is the script."""
    samples = [letters[:SAMPLE] for text in paragraphs if len(letters := dense(text)) >= SAMPLE]
    openings = _openings(paragraphs)
    for script in tree.iter("script"):
        text = script.text or ""
        if not 20 < len(text) <= SCRIPT_MAX or script.get("src") or not may_cite(folded(text)):
            continue
        if "ld+json" not in (script.get("type") or "") and not any(opening in text for opening in openings):
            continue
        yield from _script(script, text, samples)


def _openings(paragraphs: list[str]) -> list[str]:
    """A few words of many paragraphs, plain and as JSON escapes them: a script that holds none of them is not this article."""
    found: set[str] = set()
    for text in paragraphs[:60]:
        words = text.split(" ")
        for at in range(0, min(len(words) - 3, 20), 4):
            piece = " ".join(words[at : at + 4])
            if len(piece) >= 12 and not re.search("[\"'’“”<>&]", piece):
                found.update((piece, json.dumps(piece)[1:-1]))
    return sorted(found)[:200]


def _script(script: HtmlElement, text: str, samples: list[str]) -> Iterator[Finding]:
    documents = _documents(text)
    if documents is None:
        yield from _by_nearness(script, text, samples)
        return
    linked = "ld+json" in (script.get("type") or "")
    for document in documents:
        leaves = list(_leaves(document))
        finds = _linked_data(script, leaves) if linked else _state(script, leaves, samples)
        yield from finds


def _documents(text: str) -> list[Any] | None:
    """The JSON values of a script, with or without JavaScript around them; None when there is none."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    at = 0
    tries = 0
    while tries < 20 and (start := _START.search(text, at)):
        tries += 1
        try:
            value, end = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            at = start.end()
            continue
        if end - start.start() > 100:
            found.append(value)
        at = end
    return found or None


def _leaves(document: Any) -> Iterator[_Leaf]:
    """Every string of the document, the first `STRINGS_MAX`, without recursion; JSON inside a string is opened once."""
    stack: list[tuple[tuple[str | int, ...], Any, bool]] = [((), document, False)]
    count = 0
    while stack and count < STRINGS_MAX:
        path, value, nested = stack.pop()
        if isinstance(value, str):
            count += 1
            if not nested and len(value) > 200 and value[:1] in "{[" and (inner := _json(value)) is not None:
                stack.append((path, inner, True))
            else:
                yield _Leaf(path, value)
        elif len(path) >= DEPTH_MAX:
            continue
        elif isinstance(value, dict):
            stack.extend(((*path, key), child, nested) for key, child in reversed(value.items()))
        elif isinstance(value, list):
            stack.extend(((*path, number), child, nested) for number, child in reversed(list(enumerate(value))))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# -- linked data: only what says that the article is about a post


def _linked_data(script: HtmlElement, leaves: list[_Leaf]) -> Iterator[Finding]:
    for leaf in leaves:
        keys = [str(key).lower() for key in leaf.path]
        if not _CLAIM.intersection(keys) or any(_NOT_HERE.search(key) for key in keys) or len(leaf.text) > 2083:
            continue
        for ref, raw in posts_in(leaf.text):
            yield Finding("link", ref.platform, ref, script, "json-ld", _dotted(leaf.path), raw)


# -- the state of the page


def _state(script: HtmlElement, leaves: list[_Leaf], samples: list[str]) -> Iterator[Finding]:
    hits = list(itertools.islice((leaf for leaf in leaves if len(leaf.text) >= 12 and _may_hold(leaf)), HITS_MAX))
    if not hits or not samples:
        return
    whole, ours = _weights(leaves, samples)
    for hit in hits:
        if _belongs(hit, whole, ours, samples):
            yield from _in_leaf(script, hit, samples)


def _may_hold(leaf: _Leaf) -> bool:
    return (
        hinted(leaf.text)
        and not any(isinstance(key, str) and _NOT_HERE.search(key) for key in leaf.path[-4:])
        and may_cite(folded(leaf.text))
    )


def _is_ours(text: str, samples: list[str]) -> bool:
    """Whether a text holds a paragraph of the body, or a paragraph of the body begins with it."""
    letters = dense(_without_tags(text))
    return any(sample in letters for sample in samples) or any(letters[:SAMPLE] == sample for sample in samples)


_TAG = re.compile(r"<[^>]{1,2000}>")


def _without_tags(text: str) -> str:
    return _TAG.sub("", text) if "<" in text else text


Weights = Counter[tuple[str | int, ...]]


def _weights(leaves: list[_Leaf], samples: list[str]) -> tuple[Weights, Weights]:
    """For every part of the document: the characters of prose in it, and how many of them are this article's."""
    whole: Weights = Counter()
    ours: Weights = Counter()
    for leaf in leaves:
        if len(leaf.text) <= 80 or leaf.text.count(" ") <= 8:
            continue
        size, is_ours = len(leaf.text), _is_ours(leaf.text, samples)
        for depth in range(min(len(leaf.path), PATH_MAX)):
            whole[leaf.path[:depth]] += size
            if is_ours:
                ours[leaf.path[:depth]] += size
    return whole, ours


def _belongs(hit: _Leaf, whole: Weights, ours: Weights, samples: list[str]) -> bool:
    """Whether the smallest part of the document that holds the hit and words of our body is mostly our body."""
    if len(hit.text) > 80 and _is_ours(hit.text, samples):
        return True
    own = len(hit.text) if len(hit.text) > 80 and hit.text.count(" ") > 8 else 0
    for depth in range(min(len(hit.path), PATH_MAX) - 1, -1, -1):
        part = hit.path[:depth]
        if ours[part]:
            return ours[part] >= 0.5 * (whole[part] - own)
    return False


def _is_id(leaf: _Leaf) -> bool:
    """A post's number under a key that says so."""
    key = leaf.path[-1] if leaf.path else ""
    return (
        isinstance(key, str) and bool(_ID_KEY.fullmatch(key)) and leaf.text.isdecimal() and 12 <= len(leaf.text) <= 19
    )


def _in_leaf(script: HtmlElement, leaf: _Leaf, samples: list[str]) -> Iterator[Finding]:
    """The posts of one string: embeds and links of a piece of HTML, or the URL that the string is."""
    where = _dotted(leaf.path)
    leaf = _Leaf(leaf.path, _clean(leaf.text))
    if _is_id(leaf):
        yield Finding("embed", "x", x.post(leaf.text), script, "script-json", where, leaf.text)
        return
    if "<" in leaf.text:
        tree = parsed(leaf.text)
        for found in sightings(tree) if tree is not None else ():
            if found.kind == "link" and not _in_prose(found, samples):
                continue
            found.note["before"] = _before(found.element, samples)
            found.element, found.markup, found.attribute = script, f"script-json>{found.markup}", where
            yield found
        return
    if len(leaf.text) < 2083 and _HOLDS_POSTS.search(str(leaf.path[-1]) if leaf.path else ""):
        for ref, raw in posts_in(leaf.text):
            if raw.strip() == leaf.text.strip():
                yield Finding("embed", ref.platform, ref, script, "script-json", where, raw)


def _in_prose(found: Finding, samples: list[str]) -> bool:
    block = next((node for node in found.element.iterancestors() if node.tag in ("p", "li", "blockquote", "td")), None)
    return block is not None and _is_ours(block.text_content(), samples)


def _before(element: HtmlElement, samples: list[str]) -> str:
    """The beginning of the paragraph of the body that stands before an embed in the same piece of HTML, "" without one."""
    wanted = set(samples)
    for node in element.itersiblings(preceding=True):
        if isinstance(node.tag, str) and (letters := dense(node.text_content())[:SAMPLE]) in wanted:
            return letters
    return ""


def _dotted(path: tuple[str | int, ...]) -> str:
    return _clean(".".join(str(part) for part in path[:20])[:300])


def _clean(text: str) -> str:
    """Without lone surrogates, which JSON can spell and no document can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


# -- scripts that are no JSON


def _by_nearness(script: HtmlElement, text: str, samples: list[str]) -> Iterator[Finding]:
    """Embed code and URLs in JavaScript, where words of the body stand within `NEAR` characters on each side."""
    for old, new in (*_UNESCAPE, *_UNESCAPE):
        text = text.replace(old, new)
    count = 0
    for start in range(0, len(text), NEAR):
        window = text[max(0, start - NEAR) : start + 2 * NEAR]
        core = text[start : start + NEAR]
        if count >= HITS_MAX or not may_cite(folded(core)) or not _is_ours(window, samples):
            continue
        tree = parsed(core)
        for found in sightings(tree) if tree is not None else ():
            count += 1
            if found.kind == "embed":
                found.element, found.markup, found.attribute = script, f"script>{found.markup}", None
                yield found
