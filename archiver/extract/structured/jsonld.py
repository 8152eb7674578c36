"""The graph of a page's JSON-LD: nodes, references, values, and the choice of the entry that is the page's own.

Belongs here: which node speaks for this page, and reading plain values out of nodes. What a node says about dates or
authors is read by their own modules; text becomes values in `blocks`. Nodes, depth and reference steps are bounded, and a
block that stays unreadable is a warning, never an error.

The own entry: of all article-like nodes at top level, in `@graph` or as main entity, the one whose URL is the page's;
without such a URL the one whose headline is the page's title; without that the only one. A node that carries another
page's URL is never taken while there is a choice, and the only one not when both its URL and its headline are another's.
A video, a recipe or an event speaks for the page only where it bears the page's name: most stand in an article.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from archiver.extract.structured.blocks import ARTICLE_TYPE, Node, load
from archiver.extract.structured.likeness import ALIKE, fold, lead_apart, share, strangers

NODES_MAX = 20_000
DEPTH_MAX = 40
REFERENCE_STEPS = 5

_ENTRY_KEYS = ("@graph", "mainEntity", "mainEntityOfPage", "@included", "item")
_MINOR = (
    "VideoObject",
    "AudioObject",
    "PodcastEpisode",
    "Recipe",
    "Event",
    "ImageGallery",
    "MediaGallery",
    "ImageObject",
    "CreativeWork",
    "ClaimReview",
    "QAPage",
    "Episode",
    "TVEpisode",
    "RadioEpisode",
)


@dataclass(slots=True)
class Graph:
    """Every JSON-LD node of a page. `own` are the nodes that speak for the page, best first."""

    roots: list[Any] = field(default_factory=list)
    by_id: dict[str, Node] = field(default_factory=dict)
    own: list[Node] = field(default_factory=list)
    page: Node | None = None
    site_names: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def resolve(self, value: Any) -> Any:
        """`value`, or the node that a bare `{"@id": ...}` reference names; cycles end after a few steps."""
        for _ in range(REFERENCE_STEPS):
            if not isinstance(value, dict) or not isinstance(value.get("@id"), str):
                return value
            if any(not key.startswith("@") for key in value):
                return value
            target = self.by_id.get(value["@id"])
            if target is None or target is value:
                return value
            value = target
        return value

    def values(self, node: Node, *keys: str) -> list[Any]:
        """The flattened, resolved values of the first of `keys` that has any; at most 200."""
        for key in keys:
            found = [self.resolve(value) for value in _flat(node.get(key), 200)]
            if found:
                return found
        return []

    def text(self, node: Node, *keys: str) -> str | None:
        """The first of `keys` whose value has a text."""
        for key in keys:
            for value in _flat(node.get(key), 50):
                if text := plain(self.resolve(value)):
                    return text
        return None


class _Self:
    """What the page calls itself: its addresses and its titles, each also in the form in which they are compared."""

    def __init__(self, urls: Iterable[str], titles: Iterable[str]) -> None:
        self.urls = [url for url in urls if url]
        self.titles = [title for title in titles if title]
        self.keys = [key for url in self.urls if (key := url_key(url))]
        self.folded = [fold(title) for title in self.titles]


def plain(value: Any) -> str | None:
    """A scalar or `{"@value": ...}` as trimmed text with HTML entities undone; None for anything else."""
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return repr(value) if abs(value) < 1e18 else None
    if not isinstance(value, str):
        return None
    text = value[:20_000]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return " ".join(text.split()) or None


def types_of(node: Any) -> list[str]:
    """The node's `@type` names without vocabulary prefix."""
    if not isinstance(node, dict):
        return []
    names = _flat(node.get("@type"), 20)
    return [re.split(r"[/#:]", name)[-1].strip() for name in names if isinstance(name, str)]


def is_article(node: Any) -> bool:
    return any(ARTICLE_TYPE.search(name) for name in types_of(node))


def _flat(value: Any, limit: int) -> list[Any]:
    """Lists and `@list`/`@set` opened, in order, bounded in number and depth."""
    if value is None:
        return []
    if not isinstance(value, list) and not (isinstance(value, dict) and ("@list" in value or "@set" in value)):
        return [value]
    out: list[Any] = []
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack and len(out) < limit:
        current, depth = stack.pop()
        if isinstance(current, dict) and ("@list" in current or "@set" in current):
            current = current.get("@list", current.get("@set"))
        if isinstance(current, list):
            if depth < DEPTH_MAX:
                stack.extend((one, depth + 1) for one in reversed(current[:limit]))
        elif current is not None:
            out.append(current)
    return out


def read_graph(blocks: Iterable[str], urls: Iterable[str], titles: Iterable[str]) -> Graph:
    """All blocks as one Graph. `urls`: what the page calls itself (fetched, canonical, og:url); `titles`: og:title, title, h1."""
    graph = Graph()
    for number, block in enumerate(blocks):
        documents, repair = load(block)
        graph.roots.extend(documents)
        if repair:
            graph.warnings.append(f"json-ld-{repair}: block {number}")
    if not graph.roots:
        return graph
    nodes = _index(graph)
    _choose(graph, nodes, _Self(urls, titles))
    return graph


def _index(graph: Graph) -> list[Node]:
    """Fill `by_id` and return all nested nodes that have a type, in breadth-first order."""
    typed: list[Node] = []
    queue: list[tuple[Any, int]] = [(root, 0) for root in graph.roots]
    place = 0
    while place < len(queue) and place < NODES_MAX:
        value, depth = queue[place]
        place += 1
        if depth > DEPTH_MAX:
            continue
        if isinstance(value, list):
            queue.extend((one, depth + 1) for one in value if isinstance(one, dict | list))
        elif isinstance(value, dict):
            if "@type" in value:
                typed.append(value)
            name = value.get("@id")
            if isinstance(name, str):
                known = graph.by_id.get(name)
                if known is None or len(known) < len(value):
                    graph.by_id[name] = value
            queue.extend((one, depth + 1) for one in value.values() if isinstance(one, dict | list))
    return typed


def _entries(graph: Graph) -> list[tuple[Node, int]]:
    """Nodes that may speak for the page, with their depth: top level, `@graph`, main entities."""
    out: list[tuple[Node, int]] = []
    seen: set[int] = set()
    stack: list[tuple[Any, int]] = [(root, 0) for root in reversed(graph.roots)]
    while stack and len(out) < 500:
        value, depth = stack.pop()
        value = graph.resolve(value)
        if depth > 8 or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, list):
            stack.extend((one, depth) for one in reversed(value[:500]))
        elif isinstance(value, dict):
            if types_of(value):
                out.append((value, depth))
            for key in reversed(_ENTRY_KEYS):
                if isinstance(value.get(key), dict | list):
                    stack.append((value[key], depth + (key != "@graph")))
    return out


def _choose(graph: Graph, nodes: list[Node], itself: _Self) -> None:
    entries = _entries(graph)
    for node, _ in entries:
        kinds = types_of(node)
        if graph.page is None and any(kind.endswith("Page") for kind in kinds) and not is_article(node):
            graph.page = node
        if "WebSite" in kinds and (name := graph.text(node, "name", "alternateName")):
            graph.site_names.append(name)
    ranked = [(_rank(node), depth, node) for node, depth in entries if _rank(node)]
    articles = [one for one in ranked if one[0] >= 2]
    own = _own(graph, articles, itself)
    if not own and not articles:
        nested = [(2, 9, node) for node in nodes if is_article(node)]
        own = [one for one in nested if _claims(one[2], itself) == 2]
    if not own and not articles:
        own = _own(graph, [one for one in ranked if _bears_name(graph, one[2], itself)], itself)
    graph.own = [node for _, _, node in own]
    if (
        not own
        and not articles
        and graph.page is not None
        and graph.text(graph.page, "headline")
        and _claims(graph.page, itself)
    ):
        graph.own = [graph.page]  # a WebPage that carries an article's properties itself
    if articles and not own:
        graph.warnings.append("json-ld-own-entry-unclear")


def _rank(node: Node) -> int:
    """2 for article types, 1 for other works, 0 for anything else."""
    kinds = types_of(node)
    if any(ARTICLE_TYPE.search(kind) and kind != "ClaimReview" for kind in kinds):
        return 2
    return int(any(kind in _MINOR for kind in kinds))


def _own(graph: Graph, candidates: list[tuple[int, int, Node]], itself: _Self) -> list[tuple[int, int, Node]]:
    if not candidates:
        return []
    scored = [(_claims(one[2], itself), _titled(graph, one[2], itself), one) for one in candidates]
    own = [item for item in scored if item[0] == 2]
    if not own:
        own = [item for item in scored if item[1]]
    if not own:
        own = [item for item in scored if item[0] == 1]
        if len(own) > 1:
            own = own[:1]
    if not own and len(scored) == 1 and not _is_anothers(graph, scored[0][2][2], itself):
        own = scored
    own.sort(key=lambda item: (-item[0], not item[1], item[2][1], -len(item[2][2])))
    return [item[2] for item in own]


def _addresses(node: Node) -> list[str]:
    named: list[str] = []
    for key in ("url", "mainEntityOfPage", "@id", "sameAs"):
        for value in _flat(node.get(key), 5):
            if isinstance(value, dict):
                value = value.get("@id") or value.get("url")
            if isinstance(value, str):
                named.append(value)
    return named


def _claims(node: Node, itself: _Self) -> int:
    """2: the node's URL is this page's; 1: it names none; 0: it names another page."""
    named = [found for value in _addresses(node) if (found := url_key(value))]
    if not named:
        return 1
    return 2 if any(one in itself.keys for one in named) else 0


def _is_anothers(graph: Graph, node: Node, itself: _Self) -> bool:
    """Whether a node that does not name this page surely is another's: its URL and its headline have nothing of the page's.

    Either alone says little: addresses change with every redesign, and headlines are written twice, for readers and for
    search engines.
    """
    headline = graph.text(node, "headline", "name")
    if not headline or not strangers(headline, itself.titles):
        return False
    named = [value for value in _addresses(node) if value.startswith(("http://", "https://")) and url_key(value)]
    return bool(named) and all(lead_apart(value, itself.urls) for value in named)


def _bears_name(graph: Graph, node: Node, itself: _Self) -> bool:
    """Whether a node of a minor type is what the page is about, and no video, player or picture within an article."""
    if _rank(node) != 1:
        return False
    if not itself.titles:
        return True
    name = graph.text(node, "headline") or graph.text(node, "name")
    if not name:
        return _claims(node, itself) == 2
    if _titled(graph, node, itself):
        return True
    alike = share(name, itself.titles)
    return alike >= ALIKE or (alike > 0 and _claims(node, itself) == 2)


def _titled(graph: Graph, node: Node, itself: _Self) -> bool:
    headline = graph.text(node, "headline", "name")
    folded = fold(headline) if headline else ""
    if len(folded) < 4:
        return False
    return any(
        folded == title or (len(folded) > 12 and (folded in title or (title in folded and len(title) > 12)))
        for title in itself.folded
    )


def url_key(url: str) -> str | None:
    """Host and path in lower case without scheme, `www.`, `amp` marks, trailing slash, query and fragment; None for a bare host."""
    try:
        parts = urlsplit(url.strip()[:4000])
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    path = parts.path.rstrip("/").lower()
    if path.endswith("/amp"):
        path = path[:-4]
    for prefix in ("www.", "m.", "amp."):
        host = host.removeprefix(prefix)
    if not path and not parts.query:
        return None
    if path in ("", "/index.php", "/article", "/story", "/news", "/index.html", "/index.htm"):
        path += "?" + parts.query
    return host + path
