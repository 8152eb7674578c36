"""One answer as the fake servers send it, and the answers that go wrong the same way everywhere.

Belongs here: shapes that no network owns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Ask:
    """A request as a network's module sees it: `path` below the endpoint (percent-decoded), `query` by name, first value."""

    endpoint: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    base: str

    def header(self, name: str) -> str:
        """A header by name without case, "" when absent."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Reply:
    """`fault` says what happens to the wire: `slow` waits first, `broken` ends in the middle of the body."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    fault: Literal["", "slow", "broken"] = ""


def as_json(value: Any, status: int = 200, *headers: tuple[str, str]) -> Reply:
    """`value` as a JSON answer."""
    return Reply(status, json.dumps(value, ensure_ascii=False).encode(), JSON, headers)


def as_html(markup: str, status: int = 200, *headers: tuple[str, str]) -> Reply:
    """A page."""
    return Reply(status, markup.encode(), HTML, headers)


def as_text(text: str, status: int = 200, *headers: tuple[str, str]) -> Reply:
    """Plain text."""
    return Reply(status, text.encode(), TEXT, headers)


def page(title: str, body: str = "", head: str = "") -> str:
    """A small page around `body`."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{body}</body></html>\n"
    )


NOT_FOUND_PAGE = as_html(page("Not Found", "<h1>404</h1><p>Nothing lives at this address.</p>"), 404)
CHALLENGE = as_html(
    page("Just a moment...", '<div id="challenge-platform">Enable JavaScript and cookies to continue</div>'), 403
)
LOGIN_PAGE = as_html(page("Log in", '<form action="/login"><input name="password" type="password"></form>'))

DEEP = b'{"a":' * 60_000 + b"1" + b"}" * 60_000

COMMON: dict[str, Reply] = {
    "throttled": as_text("Rate limit exceeded\n", 429, ("Retry-After", "120")),
    "throttled-plain": as_text("Rate limit exceeded\n", 429),
    "forbidden": as_html(page("Forbidden", "<h1>403</h1>"), 403),
    "payment": as_text("Payment Required", 402),
    "challenge": CHALLENGE,
    "server-error": as_html(page("Bad gateway", "<h1>502</h1>"), 502),
    "unavailable-503": as_text("try later", 503, ("Retry-After", "30")),
    "drift": as_json({"schema": 9, "payload": [1, 2, 3]}),
    "drift-types": as_json([{"__typename": 7, "text": ["a"], "thread": "x", "html": 5, "user": []}]),
    "deep": Reply(200, DEEP),
    "not-json": as_text("Forbidden"),
    "html-for-json": as_html(page("Welcome", "<p>hello</p>")),
    "empty-body": Reply(200, b""),
    "wall": LOGIN_PAGE,
    "to-login": Reply(302, b"", HTML, (("Location", "/login?next=post"),)),
    "status-999": as_html(page("", "<script>/* authwall */</script>"), 999),
}
"""State -> answer, the same for every endpoint."""
