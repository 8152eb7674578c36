"""Where an element stands: in the article's text and behind which paragraph, or in chrome, comments and other stories.

Belongs here: laying the body's paragraphs over the tree, and the signs of what is not the article. No network is known here.

The page's letters and digits are put in one line in document order, each paragraph of the body is found in it, and every element
knows its place in the same line. So it does not matter how a site marks up its text, and positions are exact.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.html import HtmlElement

from archiver.models.article import Paragraph, Position

PREFIX = 60
"""Letters by which a paragraph that was changed a little is still found."""

SHORT = 25
"""A paragraph with fewer letters is only looked for near the one before."""

NEAR = 3_000

HOLDS = 0.3
"""An element that holds this share of the body is never chrome, whatever its name says."""

TAIL, LINK_TAIL, FIGURE_TAIL = 350, 200, 1_000
"""Letters of foreign text that may stand between the last paragraph and an embed, a link, or either inside a figure of the
article's container (articles that end in a series of pictures), that still belongs to the article."""

CHAIN = 250
"""Letters of foreign text that may stand between two embeds in a row that no paragraph parts; a heading each, no comment's text."""

FOOTED = 600
"""Letters of a part of the text that has a footer of its own, such as a post that was set by hand."""

MOSTLY = 0.6
"""An element whose letters are the body's to this share is no chrome either."""

_PART = "\0"
"""What parts texts that are made dense together, which is several times as fast as one by one; no text of a page holds it."""

_NOT_WORD = re.compile(rf"[^\w{_PART}]+")
_LOWER = bytes(ord(chr(code).lower()) if code < 128 else code for code in range(256))
_NO_LETTERS = bytes(code for code in range(1, 128) if not chr(code).isalnum())
_SILENT = frozenset({"script", "style", "noscript", "template", "head", "title"})

COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|usercomments?|comment\d+|commentaires?|comentarios?|kommentare?|reacties|disqus\w*"
    r"|livefyre|fyre|respond|replies|discussion|reader-?comments?)(?=[\s_-]|$)",
    re.IGNORECASE,
)
CHROME = re.compile(
    r"(?:^|[\s_-])(?:related\w*|recommend\w*|recirc\w*|popular|trending|most[-_]?(?:read|viewed|shared|popular)|read[-_]?(?:more|next|also)"
    r"|more[-_]?(?:stories|news|from|on|articles|posts)|also[-_]?(?:read|like)|you[-_]?may|outbrain|taboola|sidebar(?![-_](?:grid|layout|container|wrap\w*))\w*|side[-_]bar"
    r"|widget[-_]?area|textwidget|nav|navbar|navigation|menu|breadcrumbs?|newsletter|subscribe|signup|sharing|share|sharebar"
    r"|sharedaddy|sharethis|addthis|share[-_]?(?:bar|buttons?|links|tools|this|list|icons?)|social[-_]?(?:share|sharing|links?|icons?|follow"
    r"|bar|buttons?|list|nav|feed|stream|widget|profiles?|tools)|follow|follow[-_]?us|followus|retweet|author[-_]?(?:bio|box|info|card|profile)"
    r"|about[-_]?author|testimonials?|timelines?|promoted|sponsored|advert\w*|upnext|up[-_]next|latest[-_]?(?:news|posts|stories|tweets)"
    r"|(?:twitter|tweets?|instagram|insta|facebook|social|youtube|zoom-instagram)[-_]?(?:feed|widget|gallery|stream|timeline|wall|slider)"
    r"|recent[-_]?(?:posts|tweets|comments)|single_tweet|tweets|(?:site|page|global|main|article|post|entry|story)[-_]*footer)(?=[\s_-]|$)"
    r"|(?:^|\s)footer(?=[\s_-]|$)",
    re.IGNORECASE,
)
_ROLES = frozenset({"navigation", "contentinfo", "complementary", "search", "menu"})
_LEAVES = frozenset({"p", "li", "span", "a", "em", "strong", "b", "i", "font", "h1", "h2", "h3", "h4"})
_SCOPES = frozenset({"article", "main"})


class Layout:
    """The tree of one page with its body laid over it. Built once, and only when there is something to place."""

    def __init__(self, tree: HtmlElement, paragraphs: list[Paragraph], embeds: Iterable[HtmlElement] = ()) -> None:
        """`embeds` are the elements of embedded posts: their letters are nobody's foreign text."""
        self.tree = tree
        self.paragraphs = paragraphs
        self.order: dict[HtmlElement, int] = {}
        self.start: dict[HtmlElement, int] = {}
        self.end: dict[HtmlElement, int] = {}
        self.line = self._lay_out()
        self._spans = sorted(self._locate())
        self._starts = [start for start, _, _ in self._spans]
        self._embeds = _joined(
            sorted((self.start[e], self.end[e]) for e in embeds if e in self.start and e in self.end)
        )
        self._sums = [0, *itertools.accumulate(end - start for start, end in self._embeds)]
        self._reach: dict[bool, tuple[int, tuple[str, ...]]] = {}
        self._bad: dict[HtmlElement, str | None] = {}
        self.container = self._container()

    # -- building

    def _lay_out(self) -> str:
        """The page's letters and digits in one line; sets `order`, `start` and `end` of every element."""
        pieces: list[str] = []
        opened: list[HtmlElement] = []
        starts: list[int] = []
        ends: dict[HtmlElement, int] = {}
        silent = 0  # elements that show nothing, from the outermost down to here
        for event, element in etree.iterwalk(self.tree, events=("start", "end", "comment", "pi")):
            if event != "end":
                opened.append(element)
                starts.append(len(pieces))
                if silent or element.tag in _SILENT:
                    silent += event == "start"
                elif event == "start" and (text := element.text):
                    pieces.append(text)
            if event != "start":
                ends[element] = len(pieces)
                silent -= silent > 0 and event == "end"
                if not silent and element is not self.tree and (tail := element.tail):
                    pieces.append(tail)
        letters = _dense(_PART.join(pieces)).split(_PART)
        places = [0, *itertools.accumulate(map(len, letters))]
        self.order = dict(zip(opened, range(len(opened)), strict=True))
        self.start = dict(zip(opened, map(places.__getitem__, starts), strict=True))
        self.end = dict(zip(ends, map(places.__getitem__, ends.values()), strict=True))
        return "".join(letters)

    def _locate(self) -> Iterator[tuple[int, int, int]]:
        """(start, end, number) in the line for every paragraph that is found."""
        last = 0
        for number, paragraph in enumerate(self.paragraphs):
            letters = dense(paragraph.text)
            if not letters:
                continue
            near = len(letters) < SHORT
            at = self.line.find(letters, last, last + NEAR) if near else self._find(letters, last)
            if at >= 0:
                last = min(at + len(letters), len(self.line))
                yield at, last, number

    def _find(self, letters: str, last: int) -> int:
        for wanted in (letters, letters[:PREFIX]):
            at = self.line.find(wanted, last)
            if at < 0:
                at = self.line.find(wanted)
            if at >= 0:
                return at
        return -1

    def _container(self) -> HtmlElement | None:
        """The deepest element that holds nearly all of the body and may hold more than a paragraph."""
        weights: Counter[HtmlElement] = Counter()
        total = 0
        ordered = list(self.start)
        starts = [self.start[element] for element in ordered]
        for start, end, _ in self._spans:
            total += end - start
            element: HtmlElement | None = ordered[bisect_right(starts, start) - 1] if ordered else None
            while element is not None and self.end.get(element, 0) < end:
                element = element.getparent()
            while element is not None:
                weights[element] += end - start
                element = element.getparent()
        holders = [element for element, weight in weights.items() if weight >= 0.85 * total]
        deepest = max(holders, key=lambda element: self.order.get(element, 0)) if holders else None
        while deepest is not None and deepest.tag in _LEAVES:
            deepest = deepest.getparent()
        return deepest

    # -- asking

    @property
    def first(self) -> int:
        return self._spans[0][0] if self._spans else 0

    @property
    def last(self) -> int:
        return max(end for _, end, _ in self._spans) if self._spans else 0

    def holds_body(self, element: HtmlElement) -> bool:
        """Whether a good share of the body stands inside `element`."""
        start, end = self.start.get(element, 0), self.end.get(element, 0)
        inside = sum(b - a for a, b, _ in self._spans if a >= start and b <= end)
        total = sum(b - a for a, b, _ in self._spans)
        return total > 0 and inside >= HOLDS * total

    def is_body(self, element: HtmlElement) -> bool:
        """Whether most of the words inside `element` are the body's, embedded posts left aside."""
        start, end = self.start.get(element, 0), self.end.get(element, 0)
        inside = sum(min(b, end) - max(a, start) for a, b, _ in self._spans if a < end and b > start)
        return end - start >= PREFIX and inside > 0 and inside >= MOSTLY * self._foreign(start, end)

    def _foreign(self, start: int, end: int) -> int:
        """Letters of the line between two places that no embedded post holds."""
        return max(0, end - start - (self._held(end) - self._held(start)))

    def _held(self, place: int) -> int:
        """Letters before a place that stand in embedded posts."""
        index = bisect_right(self._embeds, place, key=lambda span: span[0]) - 1
        if index < 0:
            return 0
        start, end = self._embeds[index]
        return self._sums[index] + min(end, place) - start

    def accept(self, element: HtmlElement) -> None:
        """An embed outside the text is the article's: the next one in the same place stands beside it."""
        start, end = self.start.get(element, 0), self.end.get(element, 0)
        if not self._spans:
            return
        if start >= self.last:
            self._reach[True] = end, _place(element)
        elif end <= self.first:
            self._reach[False] = start, _place(element)

    def _chained(self, element: HtmlElement, start: int, end: int) -> bool:
        """Whether an accepted embed stands just before it (behind the text) or just behind it (above the text), in the same place."""
        behind = start >= self.last
        if behind not in self._reach:
            return False
        edge, place = self._reach[behind]
        gap = self._foreign(edge, start) if behind else self._foreign(end, edge)
        return gap <= CHAIN and place == _place(element)

    def around(self, element: HtmlElement) -> int | None:
        """The number of the paragraph that holds `element`, None when no paragraph does."""
        start, end = self.start.get(element), self.end.get(element)
        if start is None or end is None:
            return None
        index = self._before(start, end)
        if index < 0:
            return None
        a, b, number = self._spans[index]
        return number if a <= start and end <= b and start < b else None

    def _before(self, start: int, end: int) -> int:
        """The index of the last span that begins at or before an element; an element without letters stands before its place."""
        return (bisect_right if end > start else bisect_left)(self._starts, start) - 1

    def position(self, element: HtmlElement) -> Position | None:
        """Inside a paragraph: its place in the text. Between two: the end of the one before; before all: 0."""
        start = self.start.get(element)
        if start is None or not self._spans:
            return None
        if (number := self.around(element)) is not None:
            paragraph = self.paragraphs[number]
            begin = next(a for a, _, n in self._spans if n == number)
            return Position(start=paragraph.start + _letter(paragraph.text, start - begin), paragraph=number)
        index = self._before(start, self.end.get(element, start))
        if index < 0:
            return Position(start=0, paragraph=0)
        number = self._spans[index][2]
        return Position(start=self.paragraphs[number].end, paragraph=number)

    def bad(self, element: HtmlElement) -> str | None:
        """Why `element` by itself is no part of the article: "comments" or "chrome"; None when nothing says so."""
        if element not in self._bad:
            self._bad[element] = verdict = _sign(element)
            if verdict and (self.holds_body(element) or (verdict == "chrome" and self.is_body(element))):
                self._bad[element] = None
        return self._bad[element]

    def region(self, element: HtmlElement, *, link: bool) -> str:
        """`body`, `comments` or `chrome`. Links must stand inside the text; an embed may also follow or lead it."""
        node: HtmlElement | None = element
        while node is not None:
            if isinstance(node.tag, str):
                if verdict := self.bad(node):
                    return verdict
                if self._frame(node, link):
                    return "chrome"
            node = node.getparent()
        if link:
            return "body" if self.around(element) is not None else self._loose(element, link=True)
        return self._loose(element, link=False)

    def _frame(self, node: HtmlElement, link: bool) -> bool:
        tag = node.tag
        if tag == "footer":
            parent = node.getparent()
            if parent is None or parent.tag in ("blockquote", "figure"):
                return parent is None
            small = self.end.get(parent, 0) - self.start.get(parent, 0) <= FOOTED
            return not (small and self.first < self.start.get(node, 0) < self.last)
        if tag == "nav" or node.get("role") in _ROLES:
            return not self.holds_body(node)
        if tag == "aside" and not link and self.first < self.start.get(node, 0) < self.last:
            return False  # an embed set apart between two paragraphs
        if tag == "header" and not link and self.container is not None:
            scope = _scope(self.container)
            return scope is None or all(parent is not scope for parent in node.iterancestors())
        if tag in ("header", "aside"):
            return (link or not self._within(node)) and not self.holds_body(node)
        return False

    def _within(self, element: HtmlElement) -> bool:
        return self.container is not None and (
            self.order.get(self.container, 0) <= self.order.get(element, 0)
            and self.start.get(element, 0) >= self.start[self.container]
            and self.end.get(element, 0) <= self.end[self.container]
        )

    def _loose(self, element: HtmlElement, *, link: bool) -> str:
        """The region of an element that no paragraph holds."""
        if self.container is None or not self._spans:
            return "body" if not link and _scope(element) is not None else "chrome"
        start, end = self.start.get(element, 0), self.end.get(element, 0)
        if self.first <= start <= self.last:
            return "body" if self._within(element) or not link else "chrome"
        if not link and self._within(element) and self.is_body(self.container):
            return "body"
        foreign = self._foreign(self.last, start) if start > self.last else self._foreign(end, self.first)
        scope = self.container if self._within(element) else _scope(self.container)
        inside = scope is not None and any(parent is scope for parent in element.iterancestors())
        limit = LINK_TAIL if link else TAIL
        if self._within(element) and any(True for _ in element.iterancestors("figure")):
            limit = FIGURE_TAIL
        return (
            "body" if inside and (foreign <= limit or (not link and self._chained(element, start, end))) else "chrome"
        )


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans without overlap."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif end > start:
            found.append((start, end))
    return found


def _place(element: HtmlElement) -> tuple[str, ...]:
    """The kind of place: the tags above an element."""
    return tuple(str(parent.tag) for parent in element.iterancestors())


def dense(text: str) -> str:
    """Letters and digits only, in lower case."""
    return _dense(text).replace(_PART, "")


def _dense(text: str) -> str:
    """As `dense`, with every `_PART` left in. Most of what goes is ASCII, and bytes lose it a hundred times as fast as text."""
    content = text.encode("utf-8", "surrogatepass").translate(_LOWER, _NO_LETTERS)
    if content.isascii():
        return content.decode("ascii")
    return _NOT_WORD.sub("", content.decode("utf-8", "surrogatepass")).lower()


def _letter(text: str, count: int) -> int:
    """The offset in `text` of its letter number `count`, counted as `dense` counts."""
    if count <= 0:
        return 0
    seen = 0
    for offset, char in enumerate(text):
        piece = dense(char)
        if piece:
            if seen >= count:
                return offset
            seen += len(piece)
    return len(text)


def _sign(element: HtmlElement) -> str | None:
    name = f"{element.get('class') or ''} {element.get('id') or ''}"[:2000]
    if name == " ":
        return None
    if element.tag in ("body", "html"):
        return None
    if element.tag in ("iframe", "twitterwidget") or "-" in str(element.tag):
        return None  # a frame or an element of its own is what it shows, and its names are the network's: "twitter-widget-0"
    if _in_wall(element):
        return "chrome"
    if COMMENTS.search(name):
        return "comments"
    return "chrome" if CHROME.search(name) else None


_COLUMN = re.compile(r"(?:^|\s)col(?:umn)?s?(?:-[a-z]+)*-\d+(?:\s|$)")


def _in_wall(element: HtmlElement) -> bool:
    """Whether `element` is one of three or more columns that hold a post each: what customers say, not what an article cites."""
    parent = element.getparent()
    if parent is None or not _COLUMN.search(element.get("class") or "") or len(parent) > 50:
        return False
    columns = [child for child in parent if isinstance(child.tag, str) and _COLUMN.search(child.get("class") or "")]
    return len(columns) >= 3 and all(any(True for _ in child.iter("blockquote", "iframe")) for child in columns)


def _scope(element: HtmlElement) -> HtmlElement | None:
    """The nearest article or main around `element`."""
    node: HtmlElement | None = element
    while node is not None:
        if node.tag in _SCOPES or node.get("role") == "main" or node.get("itemprop") == "articleBody":
            return node
        node = node.getparent()
    return None
