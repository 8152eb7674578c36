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

from archiver.extract.structured import Graph, Node, Sweep, plain, text_of, types_of
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
_CREDIT_CLASS = re.compile(
    r"credit|copyright|photographer|source|attribution|agency|quelle|rights|fotograf|byline", re.IGNORECASE
)
_CREDIT_TEXT = re.compile(
    r"(?:\((?P<a>(?:photo|foto|image|bild|credit|ap|afp|reuters|dpa|getty)[^()]{0,120})\)|(?:©|\bfoto(?:s)?:|\bphotos?(?: by|:)|\bbild:|\bcredit:|\bimage:|\bcrédit:|\bquelle:|عکس:|تصویر:|انځور:)\s*(?P<b>.{2,120}))\s*$",
    re.IGNORECASE,
)
_VIDEO_ENDINGS = (".mp4", ".webm", ".m3u8", ".mov", ".m4v", ".ogv", ".mpd")
_AUDIO_ENDINGS = (".mp3", ".m4a", ".ogg", ".oga", ".wav", ".aac", ".opus")
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]{1,200}/(?:[A-Za-z0-9._~/=&?,;:@!$()*+-]|%[0-9A-Fa-f]{2}){0,1500}")
"""An address that is already absolute, escaped and without fragment: joining it again would only cost time."""
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
        url = address if _PLAIN_URL.fullmatch(address) and "/." not in address else absolute(address, self.base)
        if url is None:
            return
        key = _picture_key(url)
        known = self.found.get(key)
        facts = {name: value for name, value in facts.items() if value}
        if known is None:
            self.found[key] = Medium(url=url, **facts)
        else:
            missing = {name: value for name, value in facts.items() if getattr(known, name) is None}
            if missing:
                self.found[key] = known.model_copy(update=missing)

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
        caption=_cut(graph.text(value, "caption", "description", "name")),
        credit=_cut(_credit(graph, value)),
        alt=_cut(graph.text(value, "alternateName", "alternativeHeadline")),
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
            facts.setdefault(kind, {})["alt"] = _cut(content)
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
        for element in root.iter("img", "amp-img", "video", "audio", "amp-video", "amp-audio"):
            tag = str(element.tag)
            if tag in ("img", "amp-img"):
                count += 1
                if count > MARKUP_IMAGES_MAX:
                    continue
                _picture(element, root, images)
            elif not _outside(element, root):
                into = videos if tag.endswith("video") else audios
                for address in _sources(element):
                    into.add(
                        address,
                        caption=_caption(element),
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
    address = next(iter(_sources(element)), None)
    if not address or _NOT_PICTURES.search(address.rsplit("/", 1)[-1][:200]):
        return
    width, height = _number(element.get("width")), _number(element.get("height"))
    if (width is not None and width < 100) or (height is not None and height < 60) or _outside(element, root):
        return
    figure = _figure(element)
    caption, credit = _figure_words(figure) if figure is not None else (None, None)
    images.add(address, caption=caption, credit=credit, alt=_cut(element.get("alt")), width=width, height=height)


def _sources(element: HtmlElement) -> list[str]:
    out = [element.get(name) for name in ("data-src", "data-lazy-src", "data-original", "src") if element.get(name)]
    for name in ("srcset", "data-srcset"):
        value = element.get(name)
        if value:
            out.append(value[:4000].split(",")[-1].strip().split(" ")[0])
    out.extend(child.get("src") for child in element.iter("source", "amp-img") if child.get("src"))
    return [one.strip() for one in out if one and len(one) < 4000 and not one.strip().startswith(("data:", "blob:"))]


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


def _figure(element: HtmlElement) -> HtmlElement | None:
    for hops, above in enumerate(element.iterancestors()):
        if above.tag == "figure":
            return above
        if hops > 7:
            return None
    return None


def _caption(element: HtmlElement) -> str | None:
    figure = _figure(element)
    return _figure_words(figure)[0] if figure is not None else None


def _figure_words(figure: HtmlElement) -> tuple[str | None, str | None]:
    """(caption, credit) of a figure: a credit element or a credit phrase at the caption's end is taken off the caption."""
    caption_element = next(figure.iter("figcaption"), None)
    if caption_element is None:
        return None, None
    caption = text_of(caption_element, 2000)
    credit = None
    for inner in caption_element.iter("span", "cite", "small", "div", "p", "em", "i", "b"):
        if _CREDIT_CLASS.search(f"{inner.get('class') or ''} {inner.get('itemprop') or ''}"):
            credit = text_of(inner, 300)
            break
    if credit and credit in caption:
        caption = caption.replace(credit, " ", 1)
    elif match := _CREDIT_TEXT.search(caption):
        credit = (match["a"] or match["b"] or "").strip()
        caption = caption[: match.start()]
    if credit and credit[0] == "(" and credit[-1] == ")":
        credit = credit[1:-1]
    return _cut(caption.strip(" |–—-")), _cut(credit)


def _number(value: Any) -> int | None:
    if isinstance(value, dict):
        value = value.get("@value", value.get("value"))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if 0 < value < 100_000 else None
    match = _NUMBER.fullmatch(value.strip()[:20]) if isinstance(value, str) else None
    return int(match[1]) or None if match else None


def _cut(text: str | None) -> str | None:
    return " ".join(text[:2000].split()) or None if text else None
