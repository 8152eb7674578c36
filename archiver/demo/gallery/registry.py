"""How a misbehaviour is declared, found and answered.

Belongs here: Misbehaviour, the GALLERY table, Ask (one request and the means to answer it) and the two listing pages.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from archiver.demo import render
from archiver.demo.outlets import Edition, read_content
from archiver.reasons import Reason

ROOT = "/gallery/"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Misbehaviour:
    """`reason` is what the run report should say about `/gallery/NAME` with default settings; None: it gives a document.

    `slow` stays out of the demo's crawl: it needs more than three seconds or many megabytes, or third-party checkers stumble
    over its record; `/gallery/slow/` links it, `/gallery/` links the others. `leads_to` is the address that a redirect names,
    where the refusal may stand under that address.
    """

    name: str
    description: str
    reason: Reason | None = None
    slow: bool = False
    leads_to: str | None = None


@dataclass
class Ask:
    """One request for a page of the gallery. `write` puts bytes on the socket; `closes` ends the connection afterwards."""

    edition: Edition
    path: str
    write: Callable[[bytes], Any]
    date: str
    tries: Counter[str]
    stopping: threading.Event
    slow_seconds: float
    huge_bytes: int
    bomb_bytes: int
    closes: bool = False

    @property
    def name(self) -> str:
        return self.path.removeprefix(ROOT)

    def url(self, name: str) -> str:
        """The absolute address of another page of the gallery."""
        return self.edition.url(ROOT + name)

    def head(self, status: str, *fields: tuple[str, str]) -> bytes:
        """Status line, Date, Server and `fields`, without the empty line."""
        lines = [f"HTTP/1.1 {status}", f"Date: {self.date}", "Server: demo-newspaper"]
        lines += [f"{name}: {value}" for name, value in fields]
        return "".join(line + "\r\n" for line in lines).encode("latin-1")

    def answer(self, body: bytes, *fields: tuple[str, str], status: str = "200 OK", kind: str | None = HTML) -> None:
        """A well-framed answer with Content-Length, in one write."""
        typed = (("Content-Type", kind),) if kind else ()
        self.write(self.head(status, *typed, ("Content-Length", str(len(body))), *fields) + b"\r\n" + body)

    def wait(self, seconds: float) -> bool:
        """Pause; False when the server is stopping."""
        return not self.stopping.wait(seconds)


GALLERY: dict[str, Misbehaviour] = {}
"""Every named misbehaviour, in the order of the listing."""

_ROUTES: dict[str, Callable[[Ask], None]] = {}


def misbehaviour(
    name: str,
    description: str,
    reason: Reason | None = None,
    *,
    slow: bool = False,
    leads_to: str | None = None,
    steps: Iterable[str] = (),
) -> Callable[[Callable[[Ask], None]], Callable[[Ask], None]]:
    """Register a function as the answer of `/gallery/NAME`, and of `steps`, which no listing shows."""

    def register(function: Callable[[Ask], None]) -> Callable[[Ask], None]:
        GALLERY[name] = Misbehaviour(name, description, reason, slow, leads_to)
        for route in (name, *steps):
            _ROUTES[route] = function
        return function

    return register


def misbehave(ask: Ask) -> bool:
    """Answer `ask`; False when the gallery has no such page."""
    function = _ROUTES.get(ask.name)
    if function is None:
        return False
    function(ask)
    return True


def listing(path: str, edition: Edition) -> str | None:
    """`/gallery/` (the quick ones) and `/gallery/slow/`; None for other paths."""
    if path not in (ROOT, ROOT + "slow/"):
        return None
    slow = path != ROOT
    shown = [entry for entry in GALLERY.values() if entry.slow == slow]
    cards = "\n".join(
        f'<li><h2><a href="{ROOT}{entry.name}">{escape(entry.name)}</a></h2><p>{escape(entry.description)}</p>'
        f"<p><small>{_expected(entry)}</small></p></li>"
        for entry in shown
    )
    heading = "Gallery of slow and large misbehaviours" if slow else "Gallery of misbehaviours"
    other = "" if slow else f'<li><a href="{ROOT}slow/">Slow and large ones</a></li>'
    return render.listing(edition, path, heading, cards + other)


@lru_cache(maxsize=1)
def prose() -> dict[str, Any]:
    """`content/gallery.toml`."""
    return read_content("gallery")


def column(ask: Ask, extra_head: str = "") -> str:
    """A plain article page about the misbehaviour: what the well-meaning pages of the gallery show."""
    words = prose()
    known = GALLERY.get(ask.name)
    special = words["lead"].get(ask.name) or (known.description if known else words["lead"]["default"])
    headline = words["headline"].get(ask.name) or f"How a page called {ask.name} is meant to behave"
    paragraphs = "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in (special, *words["paragraphs"]))
    edition = ask.edition
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(headline)} | {edition.name}</title>\n'
        f'<link rel="canonical" href="{edition.url(ask.path)}">\n<meta property="og:type" content="article">\n'
        f'<meta property="og:title" content="{escape(headline)}">\n'
        f'<meta property="article:published_time" content="{edition.moment.isoformat()}">\n'
        f'<link rel="stylesheet" href="/static/courier.css">\n{extra_head}</head>\n<body class="courier">\n<main><article>\n'
        f'<h1>{escape(headline)}</h1>\n<p class="byline">By <a rel="author" href="/account/authors">Ada Kilic</a></p>\n'
        f"{paragraphs}\n</article></main>\n</body>\n</html>\n"
    )


def _expected(entry: Misbehaviour) -> str:
    return f"expected: {entry.reason.value}" if entry.reason else "expected: a document"
