"""Posts that only a script holds: the state of the page as JSON, and linked data.

Belongs here: reading JSON out of scripts within bounds, and telling this article's part of it from other stories'. A site's state
often holds the next articles too, so a post counts only where the words of this article's body stand in the same piece.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from functools import lru_cache

from lxml.html import HtmlElement

from archiver.citations.found import Finding, posts_in
from archiver.citations.generic import hinted, parsed, sightings
from archiver.citations.places import dense
from archiver.citations.prescan import Signs, folded, may_cite
from archiver.citations.state import PROSE_MIN, Leaf, Part, documents, leaves, texts, weigh

SCRIPT_MAX = 5_000_000
HITS_MAX = 500
NEAR = 6_000
SAMPLE = 40
LONG = 2_000
"""Characters from which the many plain searches of a text cost less than one search for a pattern."""

_CLAIM = frozenset({"itemreviewed", "appearance", "firstappearance", "citation", "sharedcontent", "mentions"})
_CLAIM_WORDS = tuple(word.encode() for word in sorted(_CLAIM))
_NOT_HERE = re.compile(
    r"sameas|share|author|creator|publisher|account|profile|related|recommend|social_?links?|follow|footer|nav|menu|thumbnail|image|logo"
    r"|avatar|seo|meta$|sponsor|advert",
    re.IGNORECASE,
)
_HOLDS_POSTS = re.compile(
    r"tweet|twitter|embed|oembed|social|instagram|tiktok|facebook|url|src|href|permalink|html|value|content",
    re.IGNORECASE,
)
_UNESCAPE = (("\\u003c", "<"), ("\\u003C", "<"), ("\\u003e", ">"), ("\\u003E", ">"), ("\\u002f", "/"), ("\\u002F", "/"),
             ("\\u0026", "&"), ("\\/", "/"), ('\\"', '"'))  # fmt: skip


def script_sightings(tree: HtmlElement, paragraphs: list[str], signs: Signs) -> Iterator[Finding]:
    """Posts in scripts that belong to the article whose `paragraphs` these are; the finding's element is the script.

    `signs` are those that stand in the page: a script cannot hold others."""
    samples: list[str] | None = None
    openings: list[tuple[str, str, str]] | None = None
    for script in tree.iter("script"):
        text = script.text
        if not text or not 20 < len(text) <= SCRIPT_MAX or script.get("src"):
            continue
        linked = "ld+json" in (script.get("type") or "")
        low = folded(text)
        if linked and not any(word in low for word in _CLAIM_WORDS):
            continue
        if not may_cite(low, signs):
            continue
        if openings is None or samples is None:
            samples = [letters[:SAMPLE] for part in paragraphs if len(letters := dense(part)) >= SAMPLE]
            openings = _openings(paragraphs)
        if linked or _is_opened(text, openings):
            yield from _script(script, text, samples, signs)


def _is_opened(text: str, openings: list[tuple[str, str, str]]) -> bool:
    """Whether a text holds one of `openings`. Its words, made a set once, turn nearly all of them away."""
    words = set(text.split(" "))
    return any(second in words and third in words and piece in text for piece, second, third in openings)


def _openings(paragraphs: list[str]) -> list[tuple[str, str, str]]:
    """Four words of many paragraphs, plain and as JSON escapes them, with the two in their middle: a script that holds none of them is
    not this article."""
    found: set[str] = set()
    for text in paragraphs[:60]:
        words = text.split(" ")
        for at in range(0, min(len(words) - 3, 20), 4):
            piece = " ".join(words[at : at + 4])
            if len(piece) >= 12 and not re.search("[\"'’“”<>&]", piece):
                found.update((piece, json.dumps(piece)[1:-1]))
    return [(piece, words[1], words[2]) for piece in sorted(found)[:200] if (words := piece.split(" "))]


def _script(script: HtmlElement, text: str, samples: list[str], signs: Signs) -> Iterator[Finding]:
    found = documents(text)
    if found is None:
        yield from _by_nearness(script, text, samples, signs)
        return
    linked = "ld+json" in (script.get("type") or "")
    for document in found:
        if linked:
            yield from _linked_data(script, leaves(document))
        elif any(_may_show(text, signs) for text in texts(document)):
            yield from _state(script, leaves(document), samples, signs)


# -- linked data: only what says that the article is about a post


def _linked_data(script: HtmlElement, found: list[Leaf]) -> Iterator[Finding]:
    for leaf in found:
        keys = [str(key).lower() for key in leaf.path()]
        if not _CLAIM.intersection(keys) or any(_NOT_HERE.search(key) for key in keys) or len(leaf.text) > 2083:
            continue
        for ref, raw in posts_in(leaf.text):
            yield Finding("link", ref.platform, ref, script, "json-ld", _dotted(leaf), raw)


# -- the state of the page


def _state(script: HtmlElement, found: list[Leaf], samples: list[str], signs: Signs) -> Iterator[Finding]:
    hits = list(itertools.islice((leaf for leaf in found if _may_hold(leaf, signs)), HITS_MAX))
    if not hits or not samples:
        return
    weigh(found, lambda text: _is_ours(text, samples))
    for hit in hits:
        if _belongs(hit, samples):
            yield from _in_leaf(script, hit, samples)


def _may_hold(leaf: Leaf, signs: Signs) -> bool:
    if "/" not in leaf.text and "%2" not in leaf.text:
        return False
    keys = itertools.islice(leaf.path(), 4)
    return not any(isinstance(key, str) and _elsewhere(key) for key in keys) and _may_show(leaf.text, signs)


def _may_show(text: str, signs: Signs) -> bool:
    """Whether a text can hold the URL or the embed code of a post."""
    if len(text) < LONG:  # the cheaper look first
        return hinted(text) and may_cite(folded(text), signs)
    return may_cite(folded(text), signs) and hinted(text)


@lru_cache(maxsize=4096)
def _elsewhere(key: str) -> bool:
    """Whether what stands under a key is not what the article cites. A document has few keys, many times."""
    return _NOT_HERE.search(key) is not None


def _is_ours(text: str, samples: list[str]) -> bool:
    """Whether a text holds a paragraph of the body, or a paragraph of the body begins with it."""
    letters = dense(_without_tags(text))
    return any(sample in letters for sample in samples) or any(letters[:SAMPLE] == sample for sample in samples)


_TAG = re.compile(r"<[^>]{1,2000}>")


def _without_tags(text: str) -> str:
    return _TAG.sub("", text) if "<" in text else text


def _belongs(hit: Leaf, samples: list[str]) -> bool:
    """Whether the smallest part of the document that holds the hit and words of our body is mostly our body."""
    if len(hit.text) > PROSE_MIN and _is_ours(hit.text, samples):
        return True
    part: Part | None = hit.part
    while part is not None:
        if part.ours:
            return part.ours >= 0.5 * (part.whole - hit.prose)
        part = part.above
    return False


def _in_leaf(script: HtmlElement, leaf: Leaf, samples: list[str]) -> Iterator[Finding]:
    """The posts of one string: embeds and links of a piece of HTML, or the URL that the string is."""
    where = _dotted(leaf)
    leaf = leaf._replace(text=_clean(leaf.text))
    if "<" in leaf.text:
        tree = parsed(leaf.text)
        for found in sightings(tree) if tree is not None else ():
            if found.kind == "link" and not _in_prose(found, samples):
                continue
            found.note["before"] = _before(found.element, samples)
            found.element, found.markup, found.attribute = script, f"script-json>{found.markup}", where
            yield found
        return
    if len(leaf.text) < 2083 and _HOLDS_POSTS.search(str(leaf.key)):
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


def _dotted(leaf: Leaf) -> str:
    return _clean(".".join(str(key) for key in list(leaf.path())[::-1][:20])[:300])


def _clean(text: str) -> str:
    """Without lone surrogates, which JSON can spell and no document can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


# -- scripts that are no JSON


def _by_nearness(script: HtmlElement, text: str, samples: list[str], signs: Signs) -> Iterator[Finding]:
    """Embed code and URLs in JavaScript, where words of the body stand within `NEAR` characters on each side."""
    for old, new in (*_UNESCAPE, *_UNESCAPE):
        text = text.replace(old, new)
    count = 0
    for start in range(0, len(text), NEAR):
        window = text[max(0, start - NEAR) : start + 2 * NEAR]
        core = text[start : start + NEAR]
        if count >= HITS_MAX or not may_cite(folded(core), signs) or not _is_ours(window, samples):
            continue
        tree = parsed(core)
        for found in sightings(tree) if tree is not None else ():
            count += 1
            if found.kind == "embed":
                found.element, found.markup, found.attribute = script, f"script>{found.markup}", None
                yield found
