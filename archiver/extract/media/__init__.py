"""Images, videos and audios of the article, lead image first.

Belongs here: reading media out of the own JSON-LD entry, OpenGraph and the article's markup. Icons, trackers, avatars and
pictures of other articles are left out by size, name and place.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archiver.extract.embeds import is_embed
from archiver.extract.media.words import cut, words_beside
from archiver.extract.structured import Graph, Node, Sweep, plain, types_of
from archiver.models.article import Medium
from archiver.urls import absolute

MEDIA_MAX = 100
_NUMBER = re.compile(r"(\d{1,5})(?:\.\d+)?\s*(?:px)?")
_CHROME = ("header", "footer", "nav", "aside")
_OUTSIDE = re.compile(
    r"related|sidebar|recommend|teaser|newsletter|comment|widget|promo|share|social|avatar|author|byline|logo|more-|popular|trending|advert|menu|nav",
    re.IGNORECASE,
)
_NOT_PICTURES = re.compile(
    r"(?:spacer|pixel|blank|transparent|1x1|icon|sprite|logo|avatar|placeholder|loading|tracking|beacon|gravatar|badge)",
    re.IGNORECASE,
)
_SIGHT = re.compile(r"[/._=?&-]videos?(?:id)?(?![a-z])")
_SOUND = re.compile(r"[/._=?&-](?:audios?|podcasts?)(?![a-z])")
_PIECE = re.compile(r"[/._=?&-](?:tracks?|episodes?|album)(?![a-z])")
"""Pieces that are sound where the address also names a player; alone they are many things."""
_PLAYER = re.compile(r"[/._=?&-](?:players?|widget)(?![a-z])|/embeddedplayer/")
_FRAMED = re.compile(r"[/._=?&-]embeds?(?![a-z])")
_PLAYS = re.compile(r"picture-in-picture|encrypted-media")
"""What a frame that plays something is allowed to do; maps, forms and charts ask for none of it."""
_LOW = 250
"""Height below which a player that does not say what it plays is one for sound."""
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]{1,200}/(?:[A-Za-z0-9._~/=&?,;:@!$()*+-]|%[0-9A-Fa-f]{2}){0,1500}")
"""An address that is already absolute, escaped and without fragment: joining it again would only cost time."""
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_NO_ADDRESS = ("data:", "blob:")
_WIDTH = re.compile(r"(?<!\d)(\d{2,4})x\d{2,4}(?!\d)|[?&/_-](?:w|width)[=_]?(\d{2,4})(?!\d)", re.IGNORECASE)
"""A picture's width in its address: "a-1024x768.jpg", "?w=800"."""
FALLBACK = 640
"""The width that is supposed of an `src` of which nothing tells it."""
_SIZE = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)([wx])(?:,(.*))?")
MARKUP_IMAGES_MAX = 40


@dataclass(slots=True)
class Media:
    images: list[Medium] = field(default_factory=list)
    videos: list[Medium] = field(default_factory=list)
    audios: list[Medium] = field(default_factory=list)
    lead_place: str | None = None


class _Gather:
    """Media by address: the first mention gives the order, later mentions fill what the first left open."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.found: dict[str, Medium] = {}

    def add(self, address: str | None, **facts: Any) -> None:
        if (
            not address
            or address.isdigit()
            or len(self.found) >= MEDIA_MAX
            or address.startswith(("data:", "blob:", "about:"))
        ):
            return
        url = self._url(address)
        if url is None:
            return
        key = _picture_key(url)
        known = self.found.get(key)
        facts = {name: value for name, value in facts.items() if value}
        if known is None:
            self.found[key] = Medium(url=url, **facts)
        else:
            if known.width or known.height:  # sizes of two versions of a picture do not mix
                facts = {name: value for name, value in facts.items() if name not in ("width", "height")}
            missing = {name: value for name, value in facts.items() if getattr(known, name) is None}
            if missing:
                self.found[key] = known.model_copy(update=missing)

    def knows(self, address: str) -> bool:
        url = self._url(address) if self.found else None
        return url is not None and _picture_key(url) in self.found

    def _url(self, address: str) -> str | None:
        return address if _PLAIN_URL.fullmatch(address) and "/." not in address else absolute(address, self.base)

    def all(self) -> list[Medium]:
        return list(self.found.values())


def _picture_key(url: str) -> str:
    """Host and path: sizes and crops in the query do not make another picture."""
    parts = urlsplit(url)
    return parts.netloc.lower() + parts.path if "." in parts.path.rsplit("/", 1)[-1] else url


def find_media(graph: Graph, sweep: Sweep, tree: HtmlElement, base: str) -> Media:
    """The media of the page's article. Order of images: own entry, og:image, then the article's markup."""
    images, videos, audios = _Gather(base), _Gather(base), _Gather(base)
    for node in graph.own[:3]:
        _entry_media(graph, node, images, videos, audios)
    lead = "json-ld image" if images.found else None
    _open_graph(sweep, images, videos, audios)
    lead = lead or ("meta og:image" if images.found else None)
    _markup(tree, images, videos, audios)
    lead = lead or ("markup" if images.found else None)
    return Media(images.all(), videos.all(), audios.all(), lead)


def _entry_media(graph: Graph, node: Node, images: _Gather, videos: _Gather, audios: _Gather) -> None:
    for value in graph.values(node, "image", "primaryImageOfPage", "thumbnailUrl")[:30]:
        _linked(graph, value, images)
    kinds = types_of(node)
    if any(kind == "VideoObject" for kind in kinds):
        _linked(graph, node, videos)
    for key in ("video", "audio", "associatedMedia"):
        for value in graph.values(node, key)[:30]:
            inner = types_of(value)
            if key == "video" or "VideoObject" in inner:
                _linked(graph, value, videos)
            elif key == "audio" or "AudioObject" in inner:
                _linked(graph, value, audios)
            elif "ImageObject" in inner:
                _linked(graph, value, images)


def _linked(graph: Graph, value: Any, into: _Gather) -> None:
    if isinstance(value, str):
        into.add(value)
        return
    if not isinstance(value, dict):
        return
    into.add(
        graph.text(value, "contentUrl", "url", "embedUrl") or _file_id(value),
        caption=cut(graph.text(value, "caption", "description", "name")),
        credit=cut(_credit(graph, value)),
        alt=cut(graph.text(value, "alternateName", "alternativeHeadline")),
        width=_number(value.get("width")),
        height=_number(value.get("height")),
    )


def _file_id(value: Node) -> str | None:
    """An `@id` that can be fetched; one with a fragment ("#primaryimage") only names a node."""
    name = value.get("@id")
    return name if isinstance(name, str) and "#" not in name else None


def _credit(graph: Graph, value: Node) -> str | None:
    if text := graph.text(value, "creditText", "copyrightNotice"):
        return text
    for key in ("author", "creator", "copyrightHolder"):
        for one in graph.values(value, key)[:1]:
            text = graph.text(one, "name") if isinstance(one, dict) else plain(one)
            if text:
                return text
    return None


def _open_graph(sweep: Sweep, images: _Gather, videos: _Gather, audios: _Gather) -> None:
    """OpenGraph arrays: `og:image:width` and its kin describe the `og:image` before them."""
    address: dict[str, str] = {}
    facts: dict[str, dict[str, Any]] = {}
    gathers = {"image": images, "video": videos, "audio": audios}

    def flush(kind: str) -> None:
        if kind in address:
            gathers[kind].add(address.pop(kind), **facts.pop(kind, {}))

    for prop, content in sweep.open_graph:
        parts = prop.lower().split(":")
        if len(parts) < 2 or parts[0] != "og" or parts[1] not in gathers:
            continue
        kind = parts[1]
        if len(parts) == 2 or parts[2] in ("url", "secure_url"):
            if len(parts) == 2:
                flush(kind)
            address.setdefault(kind, content)
        elif parts[2] in ("width", "height"):
            facts.setdefault(kind, {})[parts[2]] = _number(content)
        elif parts[2] == "alt":
            facts.setdefault(kind, {})["alt"] = cut(content)
    for kind in gathers:
        flush(kind)
    if not images.found:
        images.add(
            sweep.first("twitter:image", "twitter:image:src", "parsely-image-url", "sailthru.image.full"),
            alt=sweep.first("twitter:image:alt"),
        )


def _markup(tree: HtmlElement, images: _Gather, videos: _Gather, audios: _Gather) -> None:
    """Figures and media elements of the article's own part of the page."""
    count = 0
    for root in _article_roots(tree):
        for element in root.iter("img", "amp-img", "video", "audio", "amp-video", "amp-audio", "iframe"):
            tag = str(element.tag)
            if tag == "iframe":
                _frame(element, root, videos, audios)
            elif tag in ("img", "amp-img"):
                count += 1
                if count > MARKUP_IMAGES_MAX:
                    continue
                _picture(element, root, images)
            elif not _outside(element, root):
                into = videos if tag.endswith("video") else audios
                for address in _sources(element):
                    into.add(
                        address,
                        caption=words_beside(element)[0],
                        width=_number(element.get("width")),
                        height=_number(element.get("height")),
                    )
                    break
                if tag.endswith("video") and element.get("poster") and not images.found:
                    images.add(element.get("poster"))


def _article_roots(tree: HtmlElement) -> list[HtmlElement]:
    """The one `article` element (or the one with the heading), else `main`, else nothing: a whole page is mostly chrome."""
    articles = []
    for element in tree.iter("article"):
        articles.append(element)
        if len(articles) > 60:
            break
    if len(articles) == 1:
        return articles
    with_heading = [one for one in articles[:60] if next(one.iter("h1"), None) is not None]
    if with_heading:
        return with_heading[:1]
    mains = list(tree.iter("main"))
    return mains[:1]


def _picture(element: HtmlElement, root: HtmlElement, images: _Gather) -> None:
    sizes = [one for name in _SETS if element.get(name) for one in _set(element.get(name) or "")]
    plain = [one for one in _sources(element) if not _is_chrome(one)]
    if not plain and (not sizes or _is_chrome(sizes[-1][0])):
        return
    width, height = _number(element.get("width")), _number(element.get("height"))
    if (width is not None and width < 100) or (height is not None and height < 60) or _outside(element, root):
        return
    known = next((one for one in itertools.chain(plain, (size[0] for size in sizes)) if images.knows(one)), None)
    address = known or (plain[0] if plain else None)
    if known is None and (larger := _largest(sizes, address, width)):
        address = larger[0]
        if larger[1] and plain:
            width, height = larger[1], round(height * larger[1] / width) if height and width else None
    caption, credit = words_beside(element)
    images.add(address, caption=caption, credit=credit, alt=cut(element.get("alt")), width=width, height=height)


def _is_chrome(address: str) -> bool:
    return bool(_NOT_PICTURES.search(address.rsplit("/", 1)[-1][:200]))


def _frame(element: HtmlElement, root: HtmlElement, videos: _Gather, audios: _Gather) -> None:
    """A frame whose address says that it plays something. Embedded posts are citations."""
    address = next(iter(_sources(element)), None)
    if not address or address.startswith("about:") or is_embed(element):
        return
    width, height = _number(element.get("width")), _number(element.get("height"))
    host, _, path = address[:1000].split("//", 1)[-1].lower().partition("/")
    place = f"/{host.split('.')[0]}/{path}" if "//" in address[:8] else address[:1000].lower()
    player, framed = _PLAYER.search(place), _FRAMED.search(place)
    plays = _PLAYS.search(element.get("allow") or "")
    if _SIGHT.search(place):
        into = videos
    elif _SOUND.search(place) or ((player or framed) and _PIECE.search(place)):
        into = audios
    elif (player and "widget" not in player[0]) or (framed and plays):
        into = audios if height is not None and height < _LOW else videos
    else:
        return
    if (width is not None and width < 100) or (height is not None and height < 20) or _outside(element, root):
        return
    into.add(address, caption=words_beside(element)[0], width=width, height=height)


def _sources(element: HtmlElement) -> list[str]:
    out = [element.get(name) for name in ("data-src", "data-lazy-src", "data-original", "src") if element.get(name)]
    if len(element):
        out.extend(child.get("src") for child in element.iter("source", "amp-img") if child.get("src"))
    return [one.strip() for one in out if one and len(one) < 4000 and not one.strip().startswith(_NO_ADDRESS)]


def _set(value: str) -> list[tuple[str, float, str]]:
    """(address, size, unit) of a `srcset`; addresses may hold commas."""
    out: list[tuple[str, float, str]] = []
    address = ""
    for part in value[:4000].replace(", ", " , ").split():
        size = _SIZE.fullmatch(part)
        if address and size:
            out.append((address, float(size[1]), size[2]))
            address = size[3] or ""
        elif part == ",":
            out.extend([(address, 1.0, "x")] if address else [])
            address = ""
        else:
            address = part.lstrip(",")
    if address and len(value) <= 4000:
        out.append((address, 1.0, "x"))
    return [one for one in out if not one[0].startswith(_NO_ADDRESS)]


def _largest(
    sizes: list[tuple[str, float, str]], address: str | None, width: int | None
) -> tuple[str, int | None] | None:
    """The largest picture of a `srcset` and its width, where it is larger than the one at `address`."""
    if not sizes:
        return None
    best, size, unit = max(sizes, key=lambda one: one[1])
    known = next((one[1] for one in sizes if one[0] == address), None) if address else 0
    if known is None and unit == "x":  # with a 1x of its own, `src` may be of any size
        known = size if any(one[1] == 1 for one in sizes) else 1.0
    if known is None and address:
        named = _WIDTH.search(address)
        known = int(named[1] or named[2]) if named else width or FALLBACK
    return (best, int(size) if unit == "w" else None) if size > (known or 0) else None


def _outside(element: HtmlElement, root: HtmlElement) -> bool:
    for above in itertools.islice(element.iterancestors(), 300):
        if above is root:
            return False
        if above.tag in _CHROME and above.tag != "header":
            return True
        for name in ("class", "id"):
            marks = above.get(name)
            if marks and _names_another_place(marks[:200]):
                return True
    return False


@lru_cache(maxsize=8192)
def _names_another_place(marks: str) -> bool:
    """Class and id values repeat within a page and a site, so asking once is enough."""
    return bool(_OUTSIDE.search(marks))


def _number(value: Any) -> int | None:
    if isinstance(value, dict):
        value = value.get("@value", value.get("value"))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if 0 < value < 100_000 else None
    match = _NUMBER.fullmatch(value.strip()[:20]) if isinstance(value, str) else None
    return int(match[1]) or None if match else None
