"""The one pass over every element: embed code, any attribute that names a post, links, escaped code, comments, bare URLs, images.

Belongs here: what the tree holds beside the networks' own markup, and what is never a citation: share and follow
links, timelines, posts as credits of a picture.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from archiver import platforms
from archiver.citations.bare_ids import LONG, SHORT, bare_id, looks_like_id
from archiver.citations.embeds import OWN_TAGS, SIGNATURE, embed_of, is_box, mark, may_embed, words_of
from archiver.citations.found import FINDINGS_MAX, VALUE_MAX, Finding, Kind, post_at, posts_in
from archiver.citations.held import CODED, decoded, held_code, held_posts
from archiver.models.article import EmbeddedAuthor
from archiver.platforms import PostRef

_HINT = re.compile(
    r"twitter|x\.com|nitter|instagr|facebook|fb\.(?:com|watch)|tiktok|bsky|at://|t\.me|telegram|truthsocial|redd\.?it|youtu|threads\."
    r"|linkedin|embedly|iframe\.?ly|mastodon|oembed|/@|//t\.co/|lnkd\.in|//pic\.x\."
)
"""Matched against lower case: a pattern without case is several times as fast."""
_ESCAPED_CODE = re.compile(r"<\s*(?:blockquote|iframe|amp-|script|twitter|div|figure)[^>]*", re.IGNORECASE)
_NO_ATTRIBUTE = re.compile(
    r"^(?:style|class|id|title|alt|content|on\w+|srcset|aria-.*|.*(?:share|follow|poster|thumb|image|preview).*)$"
)
_SHARE = re.compile(
    r"^\W*(?:share|retweet|tweet this|re-?post|like|follow|quote|reply|partag\w*|teilen|compart\w*|condivid\w*|del(?:en|a)|udostępnij|поделиться"
    r"|شارك|مشاركة|اشتراک ?گذاری|شیئر)\b(?!\w).{0,60}$",
    re.IGNORECASE | re.DOTALL,
)
_FOLLOW = re.compile(r"twitter-(?:timeline|follow|share|hashtag|mention)|share|retweet", re.IGNORECASE)
_PLAIN = frozenset({"class", "style", "id", "title", "alt", "rel", "target", "type", "role", "srcset", "sizes"})
_SKIP = frozenset(
    {"head", "meta", "link", "style", "svg", "path", "option", "input", "source", "img", "picture", "base"}
)
_BLOCKS = (
    "p",
    "li",
    "div",
    "td",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "figure",
    "section",
    "center",
)
FRAGMENT_MAX = 200_000
_SHORTCODE = re.compile(
    r"\[\w[\w -]{0,30}(?:[\]= ]|[a-z]+=)[\"']?(https?://[^\s\]\"'\[]{8,2000})[\"']?[^\]\[]{0,100}\]?(?:\[/\w+\])?"
)
"""A content system's own notation that was left in the text: `[embed]URL[/embed]`, `[tweet URL]`."""

_CAPTION = re.compile(r"(?:^|[\s_-])(?:caption|credits?|copyright)(?=[\s_-]|$)", re.IGNORECASE)
_CREDIT = re.compile(
    r"\b(?:photo(?:graph)?s?|image|picture|credits?|courtesy|foto|bild|cr[ée]dits?)\s*(?:by|:|from|of|via|/|©|\|)|©|\(?\bcourtesy\b"
    r"|/\s*(?:instagram|facebook|twitter|tiktok|x)\W*$|(?:عکس|تصویر|صورة|الصورة)\s*:",
    re.IGNORECASE,
)
_SHORT_URL = re.compile(r"(?:https?://)?(?:t\.co|pic\.(?:twitter|x)\.com|lnkd\.in)/\S{5,40}", re.IGNORECASE)
_SAYS_POST = re.compile(
    r"\b(?:re)?tweet(?:s|ed)?\b|\bpost(?:s|ed)?\b|twitter|linkedin|\bon X\b|توی?یت|پست|تغريدة|منشور|ٹویٹ|پوسٹ|ټویټ|پوسټ",
    re.IGNORECASE,
)
_URL_IN_TEXT = re.compile(r"https?://[^\s<>\"'()\[\]«»“”]{8,2000}(?<![.,;:!?…])")
URLS_MAX = 20
"""Addresses in one piece of text that are looked at."""

_URL_ONLY = re.compile(r"https?://\S{8,2000}")


def sightings(tree: HtmlElement) -> Iterator[Finding]:
    """Every sighting of a post in `tree`, in document order, at most `FINDINGS_MAX`; regions are not looked at yet."""
    yield from itertools.islice(_walk(tree), FINDINGS_MAX)


def _walk(tree: HtmlElement) -> Iterator[Finding]:
    taken: set[HtmlElement] = set()
    matters: dict[str, bool] = {}  # a page's values come again and again
    for element in tree.iter():
        if taken and (parent := element.getparent()) is not None and parent in taken:
            taken.add(element)
            continue
        tag = element.tag
        if not isinstance(tag, str):
            if isinstance(element, etree._Comment):
                yield from _comment(element)
            continue
        if tag in _SKIP:
            continue
        # Names of attributes are built anew each time they are asked for, and most values say nothing.
        if tag in OWN_TAGS or _any_matters(element.values(), matters):
            items = element.items()
            if items and may_embed(tag, items) and (found := embed_of(element)) is not None:
                taken.add(element)
                taken.add(found.element)
                yield found
                continue
            if tag == "script":
                yield from _script(element)
                continue
            if tag == "a":
                yield from _anchor(element)
            for name, value in items:
                if len(value) > SHORT and _may_name(name) and not (tag == "a" and name == "href"):
                    yield from _attribute(element, name, value)
        text, tail = element.text, element.tail
        if text and ("//" in text or "<" in text):
            yield from _in_text(text, element)
        if tail and ("//" in tail or "<" in tail):
            yield from _in_text(tail, element)


def _any_matters(values: list[str], known: dict[str, bool]) -> bool:
    """Whether an attribute of one of these values, whatever its name, can make its element a sighting. `known` is what was said before."""
    for value in values:
        said = known.get(value)
        if said is None:
            said = known[value] = _matters(value)
        if said:
            return True
    return False


def _matters(value: str) -> bool:
    if len(value) > SHORT and (value[0] in "{P" or hinted(value) or looks_like_id(value)):
        return True
    return is_box(value) or value.strip().isdecimal()


def hinted(value: str) -> bool:
    """Whether a value can hold a post's URL at all: a slash or an encoded one, and a network's name."""
    if "/" not in value and "%2" not in value:
        return False
    return _HINT.search(value[:VALUE_MAX].lower()) is not None


def _anchor(anchor: HtmlElement) -> Iterator[Finding]:
    """A link to a post: as a link, as a paragraph that is only the URL, or as the permalink of an embed without its class."""
    href = anchor.get("href") or ""
    if len(href) > 4 * 2083 or not hinted(href):
        return
    label = " ".join(anchor.text_content().split())[:500]
    ref = post_at(href) or _short_form(anchor, href, label)
    if ref is None:
        return
    css = f"{anchor.get('class') or ''} {anchor.get('data-action') or ''}"
    if _SHARE.match(label) or _FOLLOW.search(css) or _credits(anchor, label):
        return
    finding = Finding("link", ref.platform, ref, anchor, "a", "href", href.strip(), label=label)
    block = next((parent for parent in anchor.iterancestors() if parent.tag in _BLOCKS), None)
    if block is not None:
        words = " ".join(block.text_content().split()) if len(block) < 50 else ""
        if words and words == label and _URL_ONLY.fullmatch(label) and post_at(label):
            finding.kind, finding.markup = "embed", "bare-url"
        elif ref.platform == "x" and len(words) < 2_000 and (signed := SIGNATURE.search(words)):
            _signed(finding, block, signed, words)
    yield finding


def _credits(anchor: HtmlElement, label: str) -> bool:
    """Whether a link below a picture only says whose picture it is."""
    for parent in itertools.islice(anchor.iterancestors(), 4):
        if parent.tag == "figcaption" or _CAPTION.search(parent.get("class") or ""):
            said = " ".join(parent.text_content()[:500].split())
            return bool(_CREDIT.search(said)) and not _SAYS_POST.search(label)
    return False


def _short_form(anchor: HtmlElement, href: str, label: str) -> PostRef | None:
    """A link that may lead anywhere (`t.co`), where it is printed as it is or its words speak of a post, and nothing else in
    its block names the post."""
    ref = platforms.short_link(href)
    if ref is None or not (_SHORT_URL.fullmatch(label) or _SAYS_POST.search(label)):
        return None
    block = next((parent for parent in anchor.iterancestors() if parent.tag in _BLOCKS), None)
    if block is None or len(block) > 50 or SIGNATURE.search(block.text_content()[:2_000]):
        return None
    others = (other.get("href") or "" for other in block.iter("a") if other is not anchor)
    return None if any(len(other) < 2083 and post_at(other) for other in others) else ref


def _signed(finding: Finding, block: HtmlElement, signed: re.Match[str], words: str) -> None:
    """An embed whose class was lost: its text, its signature, and the day as the link's text."""
    if words[signed.end() :].strip() != finding.label:
        return
    text = words[: signed.start()].strip()
    if not text and (before := block.getprevious()) is not None and isinstance(before.tag, str):
        text = " ".join(before.text_content().split())[:2_000]
    finding.kind, finding.markup = "embed", "prose:signature"
    finding.text = text or None
    finding.author = EmbeddedAuthor(name=signed["name"].strip(), username=signed["user"])


@lru_cache(maxsize=4096)
def _may_name(name: str) -> bool:
    """Whether an attribute of this name can name a post. A page has few names, many times."""
    return name == "id" or name not in _PLAIN


@lru_cache(maxsize=4096)
def _may_hold(name: str) -> bool:
    """Whether an attribute of this name can hold a post's URL or embed code."""
    return _NO_ATTRIBUTE.match(name) is None


def _attribute(element: HtmlElement, name: str, value: str) -> Iterator[Finding]:
    """Posts that an attribute names: lazy loading, consent blockers, players' settings, escaped embed code."""
    size = len(value)
    if size < LONG and "/" not in value[:8] and (ref := bare_id(element, name, value)):
        yield Finding("embed", ref.platform, ref, element, mark(element), name, value)
        return
    if size >= 60 and value[0] == "P" and CODED.match(value, 0, 100) and (code := decoded(value)):
        yield from in_code(code, element, mark(element), name)
        return
    if size < 12 or not _may_hold(name) or not hinted(value):
        return
    if "<" in value and _ESCAPED_CODE.search(value, 0, VALUE_MAX):
        yield from in_code(value, element, mark(element), name)
        return
    kind: Kind = "link" if element.tag == "a" else "embed"
    for ref, raw in posts_in(value):
        yield Finding(kind, ref.platform, ref, element, mark(element), name, raw)


def _script(script: HtmlElement) -> Iterator[Finding]:
    """Posts that a small script in the text holds, at its place."""
    for ref, markup, raw in held_posts(script):
        yield Finding("embed", ref.platform, ref, script, markup, None, raw)
    code = held_code(script)
    if code and hinted(code) and _ESCAPED_CODE.search(code, 0, VALUE_MAX):
        found = list(in_code(code, script, "script", None))
        if len({finding.key for finding in found}) == 1:  # more are a page's state, other stories included
            yield from found


def _in_text(piece: str, element: HtmlElement) -> Iterator[Finding]:
    """Embed code that was escaped into the text, and text that is only the URL of a post."""
    if len(piece) < 12 or not hinted(piece):
        return
    if "<" in piece and _ESCAPED_CODE.search(piece, 0, VALUE_MAX):
        yield from in_code(piece, element, "escaped", None)
    elif len(piece) < 2083:
        url = piece.strip()
        if url[:1] == "[" and (short := _SHORTCODE.fullmatch(url)):
            url = short[1]
        if element.tag in ("a", "script", "title"):
            return
        if _URL_ONLY.fullmatch(url):
            if ref := post_at(url):
                yield Finding("embed", ref.platform, ref, element, "bare-url", None, url)
            return
        for raw in itertools.islice(_URL_IN_TEXT.findall(piece), URLS_MAX):  # printed, and no link
            if ref := post_at(raw):
                yield Finding("link", ref.platform, ref, element, "bare-url", None, raw)


def _comment(element: HtmlElement) -> Iterator[Finding]:
    """Embed code that waits in a comment for consent. Links in comments are dead text."""
    text = str(element.text or "")
    if "<" in text and hinted(text) and _ESCAPED_CODE.search(text, 0, VALUE_MAX):
        yield from in_code(text, element, "comment", None)


def in_code(code: str, place: HtmlElement, markup: str, attribute: str | None) -> Iterator[Finding]:
    """Embeds inside a piece of HTML that stands in an attribute, in text or in a comment; they stand where `place` stands."""
    if '=\\"' in code:
        code = code.replace('\\"', '"').replace("\\/", "/")  # a string of JSON
    for found in embeds_in(code):
        found.element = place
        found.markup = f"{markup}>{found.markup}"
        found.attribute = attribute or found.attribute
        yield found


def embeds_in(code: str) -> list[Finding]:
    """The embeds of a piece of HTML, [] when it cannot be parsed."""
    tree = parsed(code)
    if tree is None:
        return []
    return [found for found in _walk(tree) if found.kind == "embed"]


def parsed(code: str) -> HtmlElement | None:
    """A piece of HTML below a `div`; None when it is too large or cannot be parsed."""
    if len(code) > FRAGMENT_MAX:
        return None
    try:
        return fragment_fromstring(code, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def signatures(tree: HtmlElement) -> Iterator[Finding]:
    """Paragraphs "text — Name (@username) Month D, YYYY" without any link: an embed of which only the words were kept."""
    for element in tree.iter("p", "blockquote", "li"):
        own = element.text_content()
        if "(@" not in own or len(own) > 2_000 or any(True for _ in element.iter("a")):
            continue
        words = " ".join(own.split())
        signed = SIGNATURE.search(words)
        if signed is None or not re.fullmatch(r"[\w\s,.:·|-]{0,40}", words[signed.end() :]):
            continue
        text, author = words_of(element)
        if (
            element.tag == "p"
            and words[: signed.start()].strip() == ""
            and (before := element.getprevious()) is not None
        ):
            text = " ".join(before.text_content().split())[:2_000] if isinstance(before.tag, str) else None
        if text and author:
            yield Finding("embed", "x", None, element, "prose:signature", None, None, text, author)
