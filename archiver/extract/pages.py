"""Articles over several URLs: which page of one this is, and where its neighbours are.

Belongs here: telling pages of one article by their URLs. A link counts when its URL is this page's with the next number, in one of
the ways in which publishers write it; `rel=next` alone says nothing, since many sites mark the next story with it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml.html import HtmlElement

from archiver.models.article import Pagination
from archiver.page import Page
from archiver.urls import absolute

PAGES_MAX = 50
"""Pages of one article beyond which a number is no page's."""
LINKS_MAX = 1000
"""Links with the article's name in them that are looked at."""

_KEYS = frozenset(
    (
        "page",
        "p",
        "pg",
        "pag",
        "seite",
        "pagina",
        "página",
        "pagenum",
        "pageno",
        "page_number",
        "paged",
        "sida",
        "side",
        "strona",
    )
)
_WORD = r"(?:page|seite|pagina|pag|pg|sida|side|strona|p)"
_PATHS = (
    re.compile(
        rf"^(?P<base>/.+?)(?:/{_WORD}[-/]?|[-_,.]{_WORD}[-_]?)(?P<number>\d{{1,2}})(?P<tail>(?:\.\w{{3,5}})?)/?$",
        re.IGNORECASE,
    ),
    re.compile(r"^(?P<base>/.+?)[/_,-](?P<number>\d{1,2})(?P<tail>(?:\.\w{3,5})?)/?$"),
)
_SECOND = re.compile(r"(?:\.\w{3,5})?[/?&_,.-](?:[\w/=&;?.-]{0,30}?[^\d])?2(?!\d)")
_EXTENSION = re.compile(r"\.(?:html?|php|aspx?|jsp|shtml)$", re.IGNORECASE)
_ASIDE = re.compile(r"comment|reply|gallery|related|archive|category|tag-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Place:
    """A URL as a page: `base` is equal for all pages of an article, `number` is 1 where the URL has none."""

    base: str
    number: int


def find_pagination(page: Page, base_url: str) -> Pagination | None:
    """The page's number and its neighbours' URLs; None for an article on one page. `base_url`: what relative links begin with.

    A page that bears no number is the first when it links to a second; one that bears a number is a page when it links to the first or
    to the page before it.
    """
    url, own, numbered = page.url, _first(page.url), _numbered(page.url)
    if not numbered and not _names_a_second(page.html, _stem(own)):
        return None
    if not (linked := _links(url, page.tree, base_url)):
        return None
    following = next((link for link, places in linked if _Place(own, 2) in places), None)
    if following and not any(place.base == own and place.number > 1 for place in numbered):
        return Pagination(page=1, previous=None, next=following)
    for place in numbered:
        before = next((link for link, places in linked if _is_before(place, link, places)), None)
        if before and place.number > 1:
            after = next((link for link, places in linked if _Place(place.base, place.number + 1) in places), None)
            return Pagination(page=place.number, previous=before, next=after)
    return None


def is_other_page(claimed: str, url: str, number: int) -> bool:
    """Whether `claimed` is a page of the article of `url` and not its page `number`."""
    places = _numbered(claimed)
    bases = {place.base for place in _numbered(url)}
    shared = _first(claimed) in bases or any(place.base in bases for place in places)
    return shared and all(place.number != number for place in places)


def _names_a_second(html: str, stem: str) -> bool:
    """Whether a number 2 follows the article's name, or a bare query, somewhere: without it no link is looked at."""
    if 'href="?' in html:
        return True
    at = html.find(stem) if stem else -1
    while at >= 0:
        at += len(stem)
        if _SECOND.match(html, at):
            return True
        at = html.find(stem, at)
    return False


def _is_before(place: _Place, link: str, places: list[_Place]) -> bool:
    if place.number == 2:
        return _first(link) == place.base or _Place(place.base, 1) in places
    return _Place(place.base, place.number - 1) in places


def _links(url: str, tree: HtmlElement, base_url: str) -> list[tuple[str, list[_Place]]]:
    """(absolute URL, what pages it can be) of the links that may lead to a page of this article, each once."""
    stems = [stem for place in (_first(url), *(place.base for place in _numbered(url))) if (stem := _stem(place))]
    out: dict[str, list[_Place]] = {}
    for href in itertools.islice(_hrefs(tree, stems), LINKS_MAX):
        link = absolute(href, base_url)
        if link and link not in out and urlsplit(link).netloc == urlsplit(url).netloc and link != url:
            out[link] = _numbered(link)
    return list(out.items())


def _hrefs(tree: HtmlElement, stems: list[str]) -> Iterator[str]:
    for element in tree.iter("a", "link"):
        href = element.get("href")
        if not href or "#" in href or not (href[0] == "?" or any(stem in href for stem in stems)):
            continue
        if element.tag == "link" and not {"next", "prev", "previous"} & set((element.get("rel") or "").lower().split()):
            continue
        if not any(_ASIDE.search(f"{above.get('class') or ''} {above.get('id') or ''}") for above in _near(element)):
            yield href


def _near(element: HtmlElement) -> Iterator[HtmlElement]:
    for level, above in enumerate(element.iterancestors()):
        if level == 4 or above.tag in ("body", "article", "main"):
            return
        yield above


def _stem(base: str) -> str:
    """The last part of a path, by which links of the article are told before they are read whole."""
    return _EXTENSION.sub("", urlsplit(base).path.rstrip("/")).rpartition("/")[2]


def _first(url: str) -> str:
    """A URL as the base of an article: without number, extension, closing slash and fragment."""
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key.lower() not in _KEYS]
    path = _EXTENSION.sub("", parts.path.rstrip("/"))
    return f"//{parts.netloc}{path}?{urlencode(query)}"


def _numbered(url: str) -> list[_Place]:
    """The pages that a URL can be by its number."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query)
    numbers = [value for key, value in pairs if key.lower() in _KEYS and value.isascii() and value.isdigit()]
    if numbers:
        return (
            [_Place(_first(url), number)] if len(numbers) == 1 and (number := int(numbers[0][:4])) <= PAGES_MAX else []
        )
    out = []
    for pattern in _PATHS:
        if (found := pattern.match(parts.path)) and 1 <= int(found["number"]) <= PAGES_MAX:
            out.append(_Place(f"//{parts.netloc}{found['base'].rstrip('/')}?{urlencode(pairs)}", int(found["number"])))
    return out
