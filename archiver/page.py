"""A capture's payload, decoded and parsed once: what `screen`, `extract` and `find_citations` look at.

Belongs here: bytes to text to tree, with bounds. Reading meaning out of the tree is theirs. The tree is shared: whoever
changes it works on a copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HTMLParser, HtmlProcessingInstruction, document_fromstring

from archiver.errors import Refused
from archiver.models.exchange import Capture
from archiver.payload import decode, text_of
from archiver.reasons import Reason

DEPTH_MAX = 150
"""Nesting kept when a page is deeper than the parser's own bound of 255 levels, at which it would drop the rest."""

ELEMENTS_MAX = 150_000
"""Elements of a page; ten times what the largest news page measured had."""

ATTRIBUTES_MAX = 5000
"""Attributes of one element; libxml2 compares each with all before it, so 100,000 of them take half a minute."""

_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF container (WebP, AVI, WAV)"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"OggS", "Ogg audio or video"),
    (b"wOF", "a font"),
)

# lxml.html asks a Python function for the class of every element it hands out, for the sake of forms, which nobody here fills:
# one class for all saves a tenth of the whole extraction.
_CLASSES = etree.ElementDefaultClassLookup(
    element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction, entity=HtmlEntity
)

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r")
_CONTROL_REFERENCE = re.compile(
    r"&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef])(?![0-9a-f])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9]));?",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^<>]*>")
LONG = 20_000
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{LONG},}}>")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_ATTRIBUTE = re.compile(r"\s[^\s=>/]")
_SHALLOW = frozenset(
    "area base br col embed hr img input link meta param source track wbr p li dd dt tr td th option thead tbody tfoot".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One HTML page. `html` is the decoded text, `charset` the codec that was used, `tree` its one parse; `low` is the
    UTF-8 in ASCII lower case, in which strings are looked for."""

    capture: Capture
    html: str
    charset: str
    tree: HtmlElement
    low: bytes

    @property
    def url(self) -> str:
        return self.capture.url


def parse_page(capture: Capture) -> Page:
    """The capture's payload as a Page. Raises `Refused` (undecodable, too-large, empty, not-html)."""
    content = decode(capture.body, capture.header_values("content-encoding"))
    if not content.strip():
        raise Refused(Reason.EMPTY, "the payload has no bytes")
    if kind := _binary(content):
        raise Refused(Reason.NOT_HTML, f"the payload is {kind}")
    html, charset = text_of(content, capture.header("content-type"))
    html = _DECLARATION.sub("", html, count=1)
    if "&#" in html:
        html = _CONTROL_REFERENCE.sub("", html)  # the parser would put into the tree what no XML text may hold
    if _has_long_stretch(html):
        html = _LONG_TAG.sub(_without_flood, html)
    utf8 = _encoded(html)
    tree, whole = _parse(utf8)
    if not whole:
        utf8 = _encoded(_flattened(html))
        tree, _ = _parse(utf8)
    if tree.xpath(f"count(//*) > {ELEMENTS_MAX}"):
        raise Refused(Reason.TOO_LARGE, f"more than {ELEMENTS_MAX} elements")
    return Page(capture, html, charset, tree, utf8.lower())


def _binary(content: bytes) -> str | None:
    """What the payload begins like, when no page begins so, whatever its label (WHATWG MIME Sniffing §6)."""
    start = content[:16].lstrip()
    return next((kind for signature, kind in _SIGNATURES if start.startswith(signature)), None)


def _parse(utf8: bytes) -> tuple[HtmlElement, bool]:
    """The tree, and whether the parser got to the end: beyond its depth bound it drops what follows."""
    parser = HTMLParser(encoding="utf-8", huge_tree=False)
    parser.set_element_class_lookup(_CLASSES)
    try:
        tree = document_fromstring(utf8, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise Refused(Reason.NOT_HTML, f"no HTML tree: {error}") from None
    if not isinstance(tree, HtmlElement):
        raise Refused(Reason.NOT_HTML, "no HTML element in the payload")
    last = parser.error_log.last_error if len(parser.error_log) else None
    return tree, last is None or "Excessive depth" not in last.message


def _encoded(html: str) -> bytes:
    """UTF-8 without what no XML text may hold; control characters are single bytes in UTF-8, so bytes are quicker than text."""
    content = html.encode("utf-8", "replace").translate(None, _CONTROL)
    return content.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")


def _has_long_stretch(html: str) -> bool:
    """Whether there are `LONG` characters in a row without ">": found by leaps, in a few microseconds."""
    at = 0
    while at + LONG < len(html):
        at = html.rfind(">", at, at + LONG) + 1
        if at == 0:
            return True
    return False


def _flattened(html: str) -> str:
    """`html` without the tags that nest deeper than `DEPTH_MAX`; their text stays. Elements that cannot nest are kept."""
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        if match[2].lower() in _SHALLOW:
            return match[0]
        if match[1]:
            depth = max(0, depth - 1)
            return match[0] if depth < DEPTH_MAX else " "
        depth += 1
        return match[0] if depth <= DEPTH_MAX else " "

    return _TAG.sub(keep, html)


def _without_flood(match: re.Match[str]) -> str:
    """The tag itself, bare when it has more attributes than any page needs; one long attribute is no flood."""
    tag = match[0]
    if len(_ATTRIBUTE.findall(_QUOTED.sub("", tag))) <= ATTRIBUTES_MAX:
        return tag
    return re.split(r"[\s/>]", tag, maxsplit=1)[0] + ">"
