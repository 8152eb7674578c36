"""Heads of WARC records as bytes: made, and read leniently.

Belongs here: the syntax of record heads (ISO 28500 §4), for our files and other people's. Members and order of records are
for `walk`, what a record means for `reader`, whether it is correct for `checker`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache

_HEAD_END = re.compile(rb"\r?\n\r?\n")
HTTP_HEAD_MAX = 2**21
"""Bytes of a block in which its HTTP head must end; `wire` takes a little more than half of that at most."""

STATUS_LINE = re.compile(rb"HTTP/1\.\d[ \t]+\d{3}(?:[ \t\r\n]|$)")
"""What replay tools read as the first line of a response; an empty or missing reason is fine."""

_lower = lru_cache(maxsize=256)(str.lower)  # the same dozen names come again with every record
_PLAIN = re.compile(r"(?:[!-9;-~]+: [!-~](?:[ -~]*[!-~])?\r\n)+\r\n")
_PLAIN_FIELD = re.compile(r"([^:]+): ([^\r]+)\r\n")

_VERSION = re.compile(rb"WARC/(\d+\.\d+)[ \t]*\r?\n")
_DATE = re.compile(
    r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:T?(\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d+))?)?)?)?)?(Z|[+-]\d\d:?\d\d)?"
)

Fields = tuple[tuple[str, str], ...]


@lru_cache(maxsize=64)  # the heads of a file have a dozen shapes or so
def _lowered(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([_lower(name) for name in names])


def record_head(fields: Iterable[tuple[str, str]]) -> bytes:
    """A record head in WARC/1.1: version line, one line a field, empty line."""
    return b"WARC/1.1\r\n" + "".join([f"{name}: {value}\r\n" for name, value in fields]).encode() + b"\r\n"


class Head:
    """A parsed record head: `version` ("1.1"), `fields` in order with names as written. Look-ups ignore case."""

    __slots__ = ("_first", "fields", "folded", "get", "kind", "names", "record_id", "target", "version")

    def __init__(self, version: str, fields: Fields, folded: bool = False) -> None:
        self.version, self.fields, self.folded = version, fields, folded
        self.names = _lowered(tuple([name for name, _ in fields]))
        """The fields' names in lower case, in order."""
        first = {name: value for name, (_, value) in zip(self.names, fields, strict=True)}
        if len(first) != len(fields):
            first = {name: value for name, (_, value) in zip(reversed(self.names), reversed(fields), strict=True)}
        self._first = first
        self.get: Callable[[str], str | None] = first.get
        """The first value of a field; its name in lower case."""
        self.kind = first.get("warc-type", "").lower()
        """WARC-Type in lower case, "" when it is missing."""
        self.record_id = unbracketed(first.get("warc-record-id"))
        """WARC-Record-ID without its angle brackets."""
        self.target = unbracketed(first.get("warc-target-uri"))
        """WARC-Target-URI; the brackets that wget and old Heritrix put round it are taken away."""

    def values(self, name: str) -> list[str]:
        """All values of a field; `name` in lower case."""
        if name not in self._first:
            return []
        return [value for key, (_, value) in zip(self.names, self.fields, strict=True) if key == name]

    def empty(self) -> tuple[str, ...]:
        """Names, in lower case, of the fields whose first value is the empty string."""
        if "" not in self._first.values():
            return ()
        return tuple(name for name, value in self._first.items() if not value)

    @property
    def block_length(self) -> int | None:
        """Content-Length, None when it is missing or no number."""
        text = self._first.get("content-length", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def unbracketed(value: str | None) -> str | None:
    """`<urn:…>` without its brackets."""
    if value is not None and value.startswith("<") and value.endswith(">"):
        return value[1:-1]
    return value


def parse_head(data: bytes, end: int, start: int = 0) -> Head | None:
    """The head in `data[start:end]`, the empty line included; None when it does not begin with a version line."""
    match = _VERSION.match(data, start)
    if match is None:
        return None
    raw = data[match.end() : end]
    version = match[1].decode()
    if plain := _plain_fields(raw):
        return Head(version, plain)
    return Head(version, *_lenient_fields(raw))


def _lenient_fields(raw: bytes) -> tuple[Fields, bool]:
    """(the fields of any head, whether one of them was folded over two lines)."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    fields: list[tuple[str, str]] = []
    folded = False
    for line in text.split("\n"):
        line = line.rstrip("\r")
        if line[:1] in (" ", "\t"):
            if fields:
                name, value = fields[-1]
                fields[-1] = (name, f"{value} {line.strip()}")
                folded = True
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip(), value.strip()))
    return tuple(fields), folded


def _plain_fields(raw: bytes) -> Fields | None:
    """The fields of a head in the form that nearly all have: `Name: value` CRLF in printable ASCII; None for any other.

    It gives what the lenient reading would, in a tenth of its time, and that is half of what reading a small record costs.
    """
    text = raw.decode("latin-1")
    return tuple(_PLAIN_FIELD.findall(text)) if _PLAIN.fullmatch(text) else None


def head_end(data: bytes, start: int = 0) -> int:
    """Offset after the empty line of the record head that begins at `start`, -1 when it is not in `data`."""
    found = data.find(b"\r\n\r\n", start)
    if found >= 0:
        return found + 4
    match = _HEAD_END.search(data, start)
    return match.end() if match else -1


def http_head_end(block: bytes) -> int:
    """Offset of the HTTP body in a block; its length when there is no empty line."""
    proper = block.find(b"\n\r\n")
    bare = block.find(b"\n\n", 0, proper + 1 if proper >= 0 else len(block))
    if bare >= 0:
        return bare + 2
    return proper + 3 if proper >= 0 else len(block)


@lru_cache(maxsize=64)
def warc_date(moment: datetime) -> str:
    """WARC-Date of ours: UTC with `Z` and always six fraction digits."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


@lru_cache(maxsize=256)  # the records of a capture share their date
def parse_date(text: str | None) -> datetime | None:
    """A WARC-Date, ours or foreign (any precision of W3CDTF, 14 digits of ARC), as aware UTC; None when it is no date."""
    match = _DATE.fullmatch(text.strip()) if text else None
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),
            int((fraction or "0")[:6].ljust(6, "0")),
            UTC,
        )
        if zone and zone != "Z":
            offset = datetime.strptime(zone.replace(":", ""), "%z").utcoffset()
            moment = moment - offset if offset else moment
    except (ValueError, OverflowError):
        return None
    return moment
