"""Secrets of a request that must not reach the archive.

Belongs here: which header and query values are secret, and how they are blotted out at writing time. Only requests are
touched, never their bodies and never a response: tokens belong in headers, and the crawler has no logins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

REDACTED = b"REDACTED"

SECRET_HEADERS = ("authorization", "proxy-authorization", "cookie", "x-guest-token", "x-csrf-token")
SECRET_PARAMETERS = (
    "access_token",
    "api_key",
    "apikey",
    "auth_token",
    "client_secret",
    "guest_token",
    "id_token",
    "password",
    "refresh_token",
    "token",
)


@dataclass(frozen=True)
class Redaction:
    """The rules in force: header names and query parameter names whose values are blotted out. Case does not matter."""

    headers: tuple[str, ...] = SECRET_HEADERS
    parameters: tuple[str, ...] = SECRET_PARAMETERS
    _header: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    _parameter: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    _words: tuple[bytes, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A value runs on over folded lines: a secret does not end at the first line break.
        header = rb"(?im)^(%s)([ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)" % _names(self.headers)
        parameter = rb"(?i)([?&;](%s)=)([^&;#\s]*)" % _names(self.parameters)
        object.__setattr__(self, "_header", re.compile(header))
        object.__setattr__(self, "_parameter", re.compile(parameter))
        words = [f"\n{name}".lower().encode() for name in self.headers]
        object.__setattr__(self, "_words", (*words, *(f"{name}=".lower().encode() for name in self.parameters)))

    def describe(self) -> str:
        """One line for warcinfo."""
        return f"request headers {', '.join(self.headers)}; query parameters {', '.join(self.parameters)}"

    def apply(self, request: bytes) -> tuple[bytes, tuple[str, ...]]:
        """(request with every secret value replaced by `REDACTED`, what was replaced, e.g. `header cookie`)."""
        end = _HEAD_END.search(request)
        head, body = (request[: end.end()], request[end.end() :]) if end else (request, b"")
        found: list[str] = []

        def header(match: re.Match[bytes]) -> bytes:
            if match[3] in (REDACTED, b""):
                return match[0]
            found.append(f"header {match[1].decode('latin-1').lower()}")
            return match[1] + match[2] + REDACTED

        def parameter(match: re.Match[bytes]) -> bytes:
            if match[3] in (REDACTED, b"") or (match[2].lower() == b"token" and _OPEN_TOKEN.match(head)):
                return match[0]
            found.append(f"query {match[2].decode('latin-1').lower()}")
            return match[1] + REDACTED

        clean = self._parameter.sub(parameter, self._header.sub(header, head))
        return (clean + body, tuple(found)) if found else (request, ())

    def leaks(self, request: bytes) -> tuple[str, ...]:
        """What `apply` would still replace: empty for a request that was redacted."""
        text = b"\n" + request.lower()
        for word in self._words:  # most requests have none, and looking for words is quicker than the patterns
            if word in text:
                return self.apply(request)[1]
        return ()


_HEAD_END = re.compile(rb"\n\r?\n")
_OPEN_TOKEN = re.compile(rb"GET [^ ?]*/tweet-result\?")
"""X's widget computes its `token` from the post's id in public: no secret, and replay needs the line as it was sent."""
_NEVER = rb"(?!)"


def _names(names: tuple[str, ...]) -> bytes:
    return b"|".join(re.escape(name.encode("ascii")) for name in names) or _NEVER


DEFAULT = Redaction()
