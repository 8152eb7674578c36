"""HTML as values: text is escaped unless it was made here.

Belongs here: the one place where markup is put together. Every name and post is a stranger's, so nothing becomes markup by being
written down: only `tag` makes markup, and only from fixed names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What HTML may not hold (HTML §13.2.3.5) and half characters, which UTF-8 cannot write."""

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the order of what follows; the direction of a text is set by the element that holds it."""

_RTL_TAGS = "ar arc arz ars azb ckb dv fa glk ha-arab he iw ks ku-arab lrc mzn nqo pa-arab pnb prs ps sd syr ug ur yi"
RTL = frozenset(_RTL_TAGS.split())
"""Languages that are written from right to left, by BCP 47 primary tag (with a script where the primary tag is not enough)."""


class Markup(str):
    """HTML that was made here."""

    __slots__ = ()


Content = Markup | str | None


def text(value: str) -> Markup:
    """`value` as text: escaped, without characters that HTML forbids or that turn the order of others."""
    if not value.isprintable():  # none of those characters is printable
        value = _TURNING.sub("", _FORBIDDEN.sub("\ufffd", value.replace("\r\n", "\n").replace("\r", "\n")))
    return Markup(escape(value, quote=True))


def join(parts: Iterable[Content], between: str = "") -> Markup:
    """The parts one after another; what is None or empty is left out."""
    return Markup(text(between).join([part if type(part) is Markup else text(part) for part in parts if part]))


def tag(name: str, /, *content: Content, **attributes: str | int | bool | None) -> Markup:
    """One element. An attribute that is None or False is left out; a trailing `_` of its name is dropped (`class_`)."""
    start = _start(name, tuple(attributes.items()))
    return Markup(start if name in _VOID else f"{start}{join(content)}</{name}>")


@lru_cache(maxsize=256)
def _start(name: str, attributes: tuple[tuple[str, str | int | bool | None], ...]) -> str:
    shown = []
    for key, value in attributes:
        if value is None or value is False:
            continue
        spelled = key.rstrip("_").replace("_", "-")
        shown.append(f" {spelled}" if value is True else f' {spelled}="{text(str(value))}"')
    return f"<{name}{''.join(shown)}>"


_VOID = ("img", "meta", "br", "hr", "link")


def link(url: str | None, words: Content, **attributes: str | None) -> Markup:
    """A link where `url` is a web address or one of our own names; otherwise the words alone."""
    shown = join([words or url])
    if url is None or not _is_web(url):
        return shown
    return tag("a", shown, href=url, rel="noreferrer noopener nofollow", **attributes)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (parts.scheme in ("http", "https") and bool(parts.netloc)) or url.startswith("#")


def direction(language: str | None) -> str:
    """`rtl`, `ltr`, or `auto` where the language is not known."""
    if not language:
        return "auto"
    parts = language.lower().replace("_", "-").split("-")
    if "arab" in parts[1:] or "hebr" in parts[1:]:
        return "rtl"
    if "latn" in parts[1:] or "cyrl" in parts[1:]:
        return "ltr"
    return "rtl" if parts[0] in RTL else "ltr"


def document(title: str, language: str, body: Content, style: str, images: str) -> str:
    """A whole page. `images` is the source list that pictures may come from (Content-Security-Policy)."""
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src {images}; form-action 'none'; base-uri 'none'"
    head = join(
        [
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=policy),
            tag("meta", name="referrer", content="no-referrer"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", title),
            tag("style", Markup(style)),
        ]
    )
    return f"<!doctype html>\n{tag('html', tag('head', head), tag('body', body), lang=language)}\n"
