"""What a page says about a picture: its caption, and the credit apart from it.

Belongs here: which box holds a picture together with words, which of its elements are caption and credit, and where in a
caption's text a credit begins. The words of credits are data (`data/credits.toml`).
"""

from __future__ import annotations

import itertools
import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from lxml.html import HtmlElement

from archiver.extract.structured import text_of

HOPS_MAX = 9
BOX_MAX = 60
"""Elements up to which a box is one picture with its words; a larger one is a part of the page."""
CAPTION_MAX = 600
"""Characters up to which text in a box that is no figure is taken for a caption."""
CREDIT_MAX = 200

_BOX_CLASS = re.compile(r"caption|figure|image|img|picture|photo|media|bild|foto", re.IGNORECASE)
_CAPTION_CLASS = re.compile(r"caption|legend|cutline|bildunterschrift|bildtext|bildlegende", re.IGNORECASE)
_CREDIT_CLASS = re.compile(
    r"credit|copyright|photographer|source|attribution|agency|quelle|rights|fotograf|byline", re.IGNORECASE
)
_BESIDE_CLASS = re.compile(r"(?<![a-z])(?:[a-z]*credits?|copyright|photographer|attribution)(?![a-z])", re.IGNORECASE)
"""A credit outside the caption: fewer words than inside one, since nothing but the class tells it."""
_LETTER = re.compile(r"[^\W\d_]{2}")
_BOX_TAGS = frozenset(("div", "span", "p", "section", "dl", "a", "center", "table", "tbody", "tr", "td", "li"))
_END_TAGS = frozenset(("article", "main", "body"))
_PICTURES = ("img", "amp-img", "video", "audio", "iframe")


def words_beside(element: HtmlElement) -> tuple[str | None, str | None]:
    """(caption, credit) from the nearest figure, or box whose class says so, that holds this picture alone."""
    alone, caption, credit = True, None, None
    for above in itertools.islice(element.iterancestors(), HOPS_MAX):
        found: tuple[str | None, str | None] = (None, None)
        if above.tag == "figure":
            found = _figure_words(above)
        elif above.tag in _END_TAGS:
            break
        elif alone and above.tag in _BOX_TAGS and _is_box(above.get("class")) and (alone := _holds_one(above)):
            found = _box_words(above)
        caption, credit = caption or found[0], credit or found[1]
        if (caption and credit) or (above.tag == "figure" and (caption or credit)):
            break
    if caption and credit and credit.startswith(caption):
        credit = cut(credit[len(caption) :]) or credit
    return caption, credit


def _is_box(css: str | None) -> bool:
    return css is not None and _says_box(css[:200])


@lru_cache(maxsize=8192)
def _says_box(css: str) -> bool:
    return bool(_BOX_CLASS.search(css))


def _holds_one(box: HtmlElement) -> bool:
    """Whether a box is small and holds one picture; what browsers without scripts see of it does not count again."""
    pictures = 0
    for number, inner in enumerate(box.iter()):
        if number > BOX_MAX:
            return False
        if inner.tag in _PICTURES and (parent := inner.getparent()) is not None:
            pictures += parent.tag not in ("noscript", "amp-img")
    return pictures <= 1


def _figure_words(figure: HtmlElement) -> tuple[str | None, str | None]:
    captions = list(itertools.islice(figure.iter("figcaption"), 2))
    if not captions:
        return _box_words(figure) if _holds_one(figure) else (None, None)
    caption, credit = _parted(captions[0])
    if credit is None and _holds_one(figure):
        credit = _words_of_credit(figure, captions[0])[1]
    return caption, credit


def _box_words(box: HtmlElement) -> tuple[str | None, str | None]:
    """Caption and credit of a box by the classes of its elements."""
    for inner in box.iter("div", "p", "span", "figcaption", "small", "em", "dd", "cite"):
        names = f"{inner.get('class') or ''} {inner.get('itemprop') or ''}"
        if inner is box or not (inner.tag == "figcaption" or _CAPTION_CLASS.search(names)):
            continue
        if (
            next(inner.iter(*_PICTURES), None) is not None
            or not 0 < len(text_of(inner, CAPTION_MAX + 1)) <= CAPTION_MAX
        ):
            continue
        caption, credit = _parted(inner)
        return caption, credit or _words_of_credit(box, inner)[1]
    return _words_of_credit(box, None)


def _words_of_credit(box: HtmlElement, caption: HtmlElement | None) -> tuple[str | None, str | None]:
    """The credit of a box that stands outside its caption, and a caption that stands in front of it in the same element."""
    for inner in box.iter("span", "cite", "small", "div", "p", "em", "i", "figcaption"):
        if inner is box or inner is caption or not _BESIDE_CLASS.search(inner.get("class") or ""):
            continue
        text = text_of(inner, CREDIT_MAX + 1)
        if (
            _LETTER.search(text)
            and len(text) <= CREDIT_MAX
            and not _is_bare_label(text)
            and next(inner.iter(*_PICTURES), None) is None
        ):
            words, credit = part_credit(text)
            return (cut(words), credit) if credit and words.rstrip()[-1:] in tuple(".!?") else (None, _cleaned(text))
    return None, None


def _is_bare_label(text: str) -> bool:
    """Whether a credit's element holds nothing but the word for it; whose it is stands elsewhere."""
    return text.strip(" :.©").lower() in (
        "",
        "copyright",
        "credit",
        "credits",
        "photo",
        "foto",
        "bild",
        "image",
        "rights",
    )


def _parted(element: HtmlElement) -> tuple[str | None, str | None]:
    """Caption and credit of a caption's element: a credit element or a credit phrase at its end is taken off."""
    caption = text_of(element, 2000)
    credit = None
    for inner in element.iter("span", "cite", "small", "div", "p", "em", "i", "b"):
        if inner is element:
            continue
        if _CREDIT_CLASS.search(f"{inner.get('class') or ''} {inner.get('itemprop') or ''}"):
            credit = text_of(inner, CREDIT_MAX + 100)
            if not _is_bare_label(credit):
                break
            credit = None
    if credit and credit in caption:
        caption = caption.replace(credit, " ", 1)
        if not caption.strip():
            caption, inner_credit = part_credit(credit)  # the credit's element holds the caption too
            ends = inner_credit and caption.rstrip()[-1:] in tuple(".!?")
            caption, credit = (caption, inner_credit) if ends else ("", credit)
    else:
        caption, credit = part_credit(caption)
    return cut(caption.strip(" |–—-")), _cleaned(credit)


def part_credit(caption: str) -> tuple[str, str | None]:
    """A caption's text and the credit that its end spells: in brackets, behind a label, or "NAME/AGENCY"."""
    for pattern in _patterns():
        match = pattern.search(caption)
        if match and (credit := next(filter(None, match.groups()), "").strip(" ,;:")):
            return caption[: match.start()], credit
    return caption, None


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    raw = tomllib.loads((files("archiver.extract") / "data" / "credits.toml").read_text(encoding="utf-8"))
    labels, with_name, agencies = (_either(raw[key]) for key in ("labels", "with_name", "agencies"))
    name = r"[^\W\d_a-zà-ÿ][\w.'’-]*"
    names = rf"{name}(?:\s+(?:(?:de|van|von|der|al|el|bin|for|of|the)\s+)?{name}){{0,4}}"
    stroke = r"\s?/\s?"
    end = r"(?:^|(?<=[.!?…»”\"|,;/(–—-])\s{0,2})"
    latin = rf"{end}(?i:{labels})|(?<!\w)(?=[^\W\d_a-zà-ÿ])(?i:{labels})"
    ended = r"(?<=[.!?…»”\"|])\s*"
    agency = rf"(?i:{agencies})(?!\w)[^.!?()]{{0,40}}"
    plain = r"(?!.*[^\W\d_]{4}[.!?۔؟]\s+\S)"
    return (
        re.compile(
            rf"\(((?:(?i:{agencies})(?![\w-])|(?:(?i:{labels})\.?(?:\s?[:©/|]|\s+(?=[^\W\d_a-zà-ÿ]))|(?i:{with_name})\s)(?=\s*\w))[^()]{{0,120}})\)[\s.]*$"
        ),
        re.compile(
            rf"(?:[©Ⓒ]|(?:{latin})\.?\s?:|(?<!\w)(?i:{with_name})(?=\s[^\W\d_a-zà-ÿ]))\s*{plain}(.{{2,120}}?)\s*$"
        ),
        re.compile(
            rf"(?:{ended}|^)({names}{stroke}(?:{agency}|{name}(?:\s+{name}){{1,3}})|(?i:{agencies}){stroke}{names})[\s.]*$"
        ),
        re.compile(rf"(?:\(|\s[–—-]\s)({names}{stroke}{agency})\)?[\s.]*$"),
        re.compile(rf"(?:{ended}|\s[–—-]\s)((?i:{agencies}))[\s.]*$"),
    )


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s") for word in sorted(words, key=len, reverse=True))


def _cleaned(credit: str | None) -> str | None:
    if credit and credit[0] == "(" and credit[-1] == ")":
        credit = credit[1:-1]
    return cut(credit)


def cut(text: str | None) -> str | None:
    return " ".join(text[:2000].split()) or None if text else None
