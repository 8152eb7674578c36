"""Articles over several URLs: which page of one this is, and where its neighbours are.

Belongs here: telling pages of one article by their URLs. A link counts when its URL is this page's with the next number, in one of
the ways in which publishers write it; `rel=next` alone says nothing, since many sites mark the next story with it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml.html import HtmlElement

from archiver.extract.structured import text_of
from archiver.models.article import Pagination
from archiver.page import Page
from archiver.urls import absolute

PAGES_MAX = 50
"""Pages of one article beyond which a number is no page's."""
SHORT = 25
"""Characters of a link that says "next page"; a longer one with that word is a title."""
LINKS_MAX = 1000
"""Links with the article's name in them that are looked at."""

_KEYS = frozenset(
    (
        "page",
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
_SECOND = re.compile(rb"(?:\.\w{3,5})?[/?&_,.-](?:[\w/=&;?.-]{0,30}?[^\d])?2(?!\d)")
_EXTENSION = re.compile(r"\.(?:html?|php|aspx?|jsp|shtml)$", re.IGNORECASE)
_MARK = re.compile(r"[^a-z]+")
_RELS = frozenset(("next", "prev", "previous"))
_DATED = re.compile(r"(?:^|\D)(?:19|20)\d\d(?:[/_-]\d{1,2})?$")
_PAGE_WORD = re.compile(
    r"page|seite|p[áa]gina|strona|sida|side|страниц|сторінк|ページ|頁|页|쪽|صفح|پاڼه", re.IGNORECASE
)
_NEXT_WORD = re.compile(
    r"^\W*(?:next|prev(?:ious)?|older|weiter|zurück|nächste|suivante?|précédente?|siguiente|anterior|seguinte|successiv[ao]|precedente"
    r"|volgende|vorige|neste|næste|nästa|dalej|далее|вперёд|sonraki|önceki|次へ|前へ|下一页|بعدی|قبلی|التالي|السابق)?\W*$",
    re.IGNORECASE,
)
_ELSEWHERE = frozenset(
    ("comment", "comments", "kommentar", "kommentare", "commentaires", "comentarios", "discussion", "disqus", "replies", "reviews", "forum",
     "gallery", "related", "latest", "more", "archive", "category", "teaser", "teasers", "stories", "live", "sidebar", "newsletter")
)  # fmt: skip
"""Words in classes and ids of what has pages of its own: comments, lists of other stories, galleries."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A URL as a page: `base` is equal for all pages of an article, `number` is 1 where the URL has none. `bare`: nothing but the
    number says that it is a page's."""

    base: str
    number: int
    bare: bool = field(default=False, compare=False)


@dataclass(slots=True)
class _Link:
    """A link with the pages that it can be. `sure`: marked or written as a link to a page, by `rel`, its number or the word for page;
    `likely`: at least it says "next" or the like."""

    url: str
    places: list[_Place]
    sure: bool = False
    likely: bool = False

    def leads_to(self, base: str, number: int) -> bool:
        places = self.places if number > 1 else [*self.places, _Place(_first(self.url), 1, bare=True)]
        return any(
            place.base == base and place.number == number and (self.sure if place.bare else self.likely)
            for place in places
        )


def find_pagination(page: Page, base_url: str) -> Pagination | None:
    """The page's number and its neighbours' URLs; None for an article on one page. `base_url`: what relative links begin with.

    A page that bears no number is the first when it links to a second; one that bears a number is a page when it links to the first or
    to the page before it.
    """
    url, own, numbered = page.url, _first(page.url), _numbered(page.url)
    if not numbered and not _names_a_second(page.low, _stem(own).lower().encode()):
        return None
    if not (linked := _links(url, page.tree, base_url)):
        return None
    following = _leading_to(linked, own, 2)
    if following and not any(place.base == own and place.number > 1 for place in numbered):
        return Pagination(page=1, previous=None, next=following)
    for place in numbered:
        if place.number < 2 or (place.bare and not _leading_to(linked, place.base, 1)):
            continue
        if before := _leading_to(linked, place.base, place.number - 1):
            return Pagination(
                page=place.number, previous=before, next=_leading_to(linked, place.base, place.number + 1)
            )
    return None


def _leading_to(links: list[_Link], base: str, number: int) -> str | None:
    return next((link.url for link in links if link.leads_to(base, number)), None)


def is_other_page(claimed: str, url: str, number: int) -> bool:
    """Whether `claimed` is a page of the article of `url` and not its page `number`."""
    places = _numbered(claimed)
    bases = {place.base for place in _numbered(url)}
    shared = _first(claimed) in bases or any(place.base in bases for place in places)
    return shared and all(place.number != number for place in places)


def _names_a_second(low: bytes, stem: bytes) -> bool:
    """Whether a number 2 follows the article's name, or a bare query, somewhere: without it no link is looked at."""
    if b'href="?' in low:
        return True
    at = low.find(stem) if stem else -1
    while at >= 0:
        at += len(stem)
        if _SECOND.match(low, at):
            return True
        at = low.find(stem, at)
    return False


def _links(url: str, tree: HtmlElement, base_url: str) -> list[_Link]:
    """The links that may lead to a page of this article, each URL once."""
    stems = [stem for place in (_first(url), *(place.base for place in _numbered(url))) if (stem := _stem(place))]
    out: dict[str, _Link] = {}
    for element in itertools.islice(_anchors(tree, stems), LINKS_MAX):
        link = absolute(element.get("href", ""), base_url)
        if not link or urlsplit(link).netloc != urlsplit(url).netloc or link == url:
            continue
        known = out.setdefault(link, _Link(link, _numbered(link)))
        if not known.sure:
            known.sure = _is_sure(element, known.places)
            known.likely = known.likely or known.sure or _is_likely(text_of(element, 60))
    return list(out.values())


def _is_likely(text: str) -> bool:
    return bool(_NEXT_WORD.match(text)) or (len(text) <= SHORT and bool(_PAGE_WORD.search(text)))


def _is_sure(element: HtmlElement, places: list[_Place]) -> bool:
    if not _RELS.isdisjoint((element.get("rel") or "").lower().split()):
        return True
    text = text_of(element, 60)
    number = next((int(digits) for digits in re.findall(r"\d{1,3}", text)), None)
    if number not in ({place.number for place in places} or {1}):
        return False
    return len(text) <= 3 or bool(_PAGE_WORD.search(text))


def _anchors(tree: HtmlElement, stems: list[str]) -> Iterator[HtmlElement]:
    for element in tree.iter("a", "link"):
        href = element.get("href")
        if not href or "#" in href or not (href[0] == "?" or any(stem in href for stem in stems)):
            continue
        if element.tag == "link" and _RELS.isdisjoint((element.get("rel") or "").lower().split()):
            continue
        if not _is_elsewhere(element):
            yield element


def _is_elsewhere(element: HtmlElement) -> bool:
    """Whether a link stands in a part of the page that has pages of its own."""
    for above in (element, *element.iterancestors()):
        if above.tag in ("body", "article", "main"):
            return False
        if above.tag == "aside":
            return True
        marks = f"{above.get('class') or ''} {above.get('id') or ''}".lower()
        if not _ELSEWHERE.isdisjoint(_MARK.split(marks)):
            return True
    return False


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
            base = found["base"].rstrip("/")
            if not (pattern is _PATHS[1] and _DATED.search(base)):
                whole = f"//{parts.netloc}{base}?{urlencode(pairs)}"
                out.append(_Place(whole, int(found["number"]), pattern is _PATHS[1]))
    return out
