"""Misbehaviour by status: redirects, errors, throttling, slowness.

Belongs here: answers that are well-framed HTTP and still no plain 200.
"""

from __future__ import annotations

from archiver.demo.gallery.registry import Ask, column, misbehaviour
from archiver.reasons import Reason

_CHAIN = {
    "redirect-chain": ("301 Moved Permanently", "redirect-chain-2"),
    "redirect-chain-2": ("302 Found", "redirect-chain-3"),
    "redirect-chain-3": ("303 See Other", "redirect-chain-4"),
    "redirect-chain-4": ("307 Temporary Redirect", "redirect-chain-5"),
    "redirect-chain-5": ("308 Permanent Redirect", "redirect-chain-end"),
}


@misbehaviour(
    "redirect-chain",
    "Five redirects, one of each status, and then an article.",
    steps=("redirect-chain-2", "redirect-chain-3", "redirect-chain-4", "redirect-chain-5", "redirect-chain-end"),
)
def redirect_chain(ask: Ask) -> None:
    if ask.name not in _CHAIN:
        ask.answer(column(ask).encode())
        return
    status, following = _CHAIN[ask.name]
    # Absolute and relative Location by turns; both are allowed (RFC 9110 §10.2.2).
    location = ask.url(following) if len(ask.name) % 2 else f"/gallery/{following}"
    ask.answer(b"Moved.\n", ("Location", location), status=status, kind="text/plain")


@misbehaviour(
    "redirect-loop",
    "Two pages that redirect to each other for ever.",
    Reason.REDIRECT_LOOP,
    steps=("redirect-loop-back",),
)
def redirect_loop(ask: Ask) -> None:
    other = "redirect-loop" if ask.name.endswith("-back") else "redirect-loop-back"
    ask.answer(b"", ("Location", f"/gallery/{other}"), status="302 Found", kind=None)


_PRIVATE, _METADATA = "http://10.0.0.1/admin", "http://169.254.169.254/latest/"


@misbehaviour(
    "redirect-to-private", "A redirect to an address in a private network.", Reason.PRIVATE_ADDRESS, leads_to=_PRIVATE
)
def redirect_to_private(ask: Ask) -> None:
    ask.answer(b"", ("Location", _PRIVATE), status="302 Found", kind=None)


@misbehaviour(
    "redirect-to-metadata",
    "A redirect to the link-local address of a cloud's metadata service.",
    Reason.PRIVATE_ADDRESS,
    leads_to=_METADATA,
)
def redirect_to_metadata(ask: Ask) -> None:
    ask.answer(b"", ("Location", _METADATA), status="302 Found", kind=None)


@misbehaviour("redirect-without-location", "A 302 that does not say where to go.", Reason.HTTP_ERROR)
def redirect_without_location(ask: Ask) -> None:
    ask.answer(b"<html><body>It has moved.</body></html>", status="302 Found")


@misbehaviour("gone-410", "An article that was taken down: 410 Gone.", Reason.HTTP_ERROR)
def gone_410(ask: Ask) -> None:
    ask.answer(b"<html><title>Gone</title><h1>This article was removed</h1></html>", status="410 Gone")


@misbehaviour("not-found", "A plain 404.", Reason.HTTP_ERROR)
def not_found(ask: Ask) -> None:
    ask.answer(b"<html><title>Not found</title><h1>Page not found</h1></html>", status="404 Not Found")


@misbehaviour("forbidden-403", "A 403 for everybody.", Reason.HTTP_ERROR)
def forbidden_403(ask: Ask) -> None:
    ask.answer(b"<html><title>Forbidden</title><h1>Forbidden</h1></html>", status="403 Forbidden")


@misbehaviour("server-error", "503 with Retry-After: 1 on every odd request, the article on every even one.")
def server_error(ask: Ask) -> None:
    ask.tries[ask.name] += 1
    if ask.tries[ask.name] % 2:
        ask.answer(b"Back in a second.\n", ("Retry-After", "1"), status="503 Service Unavailable", kind="text/plain")
    else:
        ask.answer(column(ask).encode())


@misbehaviour("throttled-429", "429 with Retry-After: 1, for ever.", Reason.THROTTLED)
def throttled_429(ask: Ask) -> None:
    ask.answer(b"Slow down.\n", ("Retry-After", "1"), status="429 Too Many Requests", kind="text/plain")


@misbehaviour("always-503", "503 with a Retry-After date, for ever.", Reason.THROTTLED, slow=True)
def always_503(ask: Ask) -> None:
    ask.answer(b"Maintenance.\n", ("Retry-After", ask.date), status="503 Service Unavailable", kind="text/plain")


@misbehaviour("robots-disallowed", "A page that robots.txt closes to everybody.", Reason.DISALLOWED_BY_ROBOTS)
def robots_disallowed(ask: Ask) -> None:
    ask.answer(column(ask).encode())


@misbehaviour("slow", "The answer begins after a few seconds and is then complete.", slow=True)
def slow(ask: Ask) -> None:
    if ask.wait(ask.slow_seconds):
        ask.answer(column(ask).encode())
    else:
        ask.closes = True
