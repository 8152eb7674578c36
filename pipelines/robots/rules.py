"""What a robots.txt says about a URL, and which of its lines says so.

Belongs here: reading the file; pure. Protego decides. Its answer does not say why, so the lines of our group are asked one by one which
of them cover the URL, each as a file of its own: the reason can name a line, and never contradicts the decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from protego import Protego

SIZE_MAX = 512 * 1024
NAMED_MAX = 2000
"""Rules that are asked for the reason; a file with more is named as a whole."""
SHOWN_MAX = 200
"""Characters of a rule that a reason shows."""

_OUR_GROUP = r"^([^\S\n]*user-?agent[^\S\n]*:[^\S\n]*%s)(?![A-Za-z_-])[^\r\n]*"
_NOBODY = "\x01"
"""An agent whose name no group has: only the rules for everybody are its."""
_ANYBODY = "x"


class Line:
    """One rule and where it stands. Whether it covers a URL is asked of Protego, with the rule as the only one."""

    def __init__(self, number: int, field: str, value: str) -> None:
        self.number, self.field, self.value = number, field, value

    @cached_property
    def _alone(self) -> Protego:
        return Protego.parse(f"User-agent: *\nDisallow: {self.value}")

    def covers(self, url: str) -> bool:
        return not self._alone.can_fetch(url, _ANYBODY)

    def __str__(self) -> str:
        shown = "".join(letter if letter.isprintable() else "�" for letter in self.value[:SHOWN_MAX])
        return f"{self.field}: {shown} (line {self.number})"


class RobotsTxt:
    """The rules of a robots.txt for one crawler: UTF-8 with replacement, cut at a line end beyond 512 KiB (RFC 9309 2.5).

    Protego takes `User-agent: news` for the group of NewsArchiver, and `User-agent: NewsArchiver/1.0` for nobody's. RFC 9309
    2.2.1 compares whole product tokens, so who asks it depends on whether our token is in the file.
    """

    def __init__(self, content: bytes, agent: str) -> None:
        if len(content) > SIZE_MAX:
            content = content[: content.rfind(b"\n", 0, SIZE_MAX) + 1]
        text = content.decode("utf-8", "replace").removeprefix("\ufeff")
        self._text, named = re.subn(_OUR_GROUP % re.escape(agent), r"\1", text, flags=re.IGNORECASE | re.MULTILINE)
        self._agent = agent if named else _NOBODY
        self._parser = Protego.parse(self._text)

    def can_fetch(self, url: str) -> bool:
        return bool(self._parser.can_fetch(url, self._agent))

    def reason(self, url: str) -> str:
        """Why `can_fetch` says what it says: the rule with its line, `no_rule` where none covers the URL, `rules` where none can be
        named (a spelling that only Protego understands, or too many)."""
        allowed = self.can_fetch(url)
        if len(self._lines) > NAMED_MAX:
            return "rules"
        covering = [line for line in self._lines if line.covers(url)]
        wanted = "Allow" if allowed else "Disallow"
        if said := [line for line in covering if line.field == wanted]:
            return str(max(said, key=lambda line: len(line.value)))
        return "no_rule" if allowed and not covering else "rules"

    def content_usage(self, url: str) -> str | None:
        """The Content-Usage rules of our group with the longest path that covers the URL, as they are written (AIPREF, an IETF draft);
        None without any. They say what the content may be used for, nothing about fetching it."""
        longest, found = -1, list[str]()
        for line in self._usages[:NAMED_MAX]:
            path, said = _usage(line.value)
            if said and len(path) >= longest and (not path or Line(line.number, "Disallow", path).covers(url)):
                found = [*found, said] if len(path) == longest else [said]
                longest = len(path)
        return "; ".join(found) or None

    @property
    def crawl_delay(self) -> float:
        """Seconds; 0 when nothing (or no number) is asked for."""
        return float(self._parser.crawl_delay(self._agent) or 0.0)

    @cached_property
    def _group(self) -> list[Line]:
        return list(_lines_of(self._text, "*" if self._agent == _NOBODY else self._agent.lower()))

    @cached_property
    def _lines(self) -> list[Line]:
        return [line for line in self._group if line.field != "Content-usage"]

    @cached_property
    def _usages(self) -> list[Line]:
        return [line for line in self._group if line.field == "Content-usage"]


def _usage(value: str) -> tuple[str, str]:
    """(path, preference) of a Content-Usage rule; a path begins with a slash and may be left out."""
    if not value.startswith("/"):
        return "", value
    path, *said = value.split(None, 1)
    return path, said[0].strip() if said else ""


def _lines_of(text: str, token: str) -> Iterator[Line]:
    """The rules of the groups that name `token`, in the order of the file."""
    ours, opens = False, False
    for number, line in enumerate(text.splitlines(), start=1):
        field, colon, value = line.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if field in ("user-agent", "useragent"):
            ours = (ours and opens) or value.lower() == token
            opens = True
        elif colon and field in ("allow", "disallow", "crawl-delay", "content-usage"):
            opens = False
            if ours and value and field != "crawl-delay":
                yield Line(number, field.capitalize(), value)
