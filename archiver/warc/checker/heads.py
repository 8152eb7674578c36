"""Rules about one record head: which fields, how often, in which form.

Belongs here: what can be judged without the block and without other records.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

from archiver.warc.checker.findings import Severity
from archiver.warc.connection import bare_ip
from archiver.warc.context import DIGEST_PROFILE, NOT_MODIFIED_PROFILE
from archiver.warc.records import Head, parse_date

Tell = Callable[..., None]
"""`tell(rule, sentence, ours=…, foreign=…)` about the record at hand."""

_TARGETED = ("response", "request", "resource", "revisit", "conversion", "continuation")
_REPEATABLE = frozenset(("warc-concurrent-to", "warc-protocol", "warc-cipher-suite"))
_BRACKETED_URI = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-~]+>")
_OUR_ID = re.compile(r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>")
_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-~]*")
_OUR_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?")
_SHA1 = re.compile(r"sha1:[A-Z2-7]{32}")
_DIGEST = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9+/=_-]+")
_TRUNCATED = ("length", "time", "disconnect", "unspecified")

_NEVER: dict[str, tuple[str, ...]] = {
    "warc-refers-to": ("warcinfo", "response", "resource", "request", "continuation"),
    "warc-concurrent-to": ("warcinfo", "conversion", "continuation"),
    "warc-ip-address": ("warcinfo", "conversion", "continuation"),
    "warc-target-uri": ("warcinfo",),
    "warc-profile": ("warcinfo", "response", "request", "resource", "metadata", "conversion", "continuation"),
}
"""Fields that the standard bars from types (§5)."""

_OURS_ONLY: dict[str, tuple[str, ...]] = {
    "warc-concurrent-to": ("response", "revisit", "metadata", "resource"),
    "warc-ip-address": ("metadata", "resource"),
    "warc-protocol": ("warcinfo", "metadata", "resource", "conversion"),
    "warc-cipher-suite": ("warcinfo", "metadata", "resource", "conversion"),
    "warc-refers-to-target-uri": ("warcinfo", "response", "request", "metadata", "resource", "conversion"),
    "warc-refers-to-date": ("warcinfo", "response", "request", "metadata", "resource", "conversion"),
    "warc-truncated": ("warcinfo", "request", "metadata", "resource", "conversion"),
    "warc-identified-payload-type": ("warcinfo", "request", "revisit", "metadata", "resource", "conversion"),
    "warc-page-id": ("warcinfo", "conversion"),
}
"""Fields that our table bars besides."""


class Shape(NamedTuple):
    """What most rules look at: which fields a head has, not what they say. The heads of a file have a dozen shapes or so.

    `names` are in lower case and in order; `empty` those whose value is the empty string; `not_modified`: the profile says so.
    """

    version: str
    kind: str
    names: tuple[str, ...]
    empty: tuple[str, ...]
    folded: bool
    not_modified: bool

    def has(self, name: str) -> bool:
        """Whether the field is there, with or without a value."""
        return name in self.names

    def says(self, name: str) -> bool:
        """Whether the field is there with a value."""
        return name in self.names and name not in self.empty


def check_head(head: Head, tell: Tell) -> None:
    """All rules of this module for one head."""
    not_modified = head.get("warc-profile") == NOT_MODIFIED_PROFILE
    told = _of_shape(head.version, head.kind, head.names, head.empty(), head.folded, not_modified)
    for rule, sentence, severities in told:
        tell(rule, sentence, **severities)
    for name, value in head.fields:
        if value[:2] == "=?" and value.endswith("?="):
            tell("fold", f"{name} is an encoded-word", foreign="note")
    _forms(head, tell)
    if head.kind == "revisit":
        _revisit(head, tell)


Told = tuple[tuple[str, str, dict[str, Any]], ...]
"""Findings without their place, so that they can be remembered: (rule, sentence, severities)."""


@lru_cache(maxsize=1024)
def _of_shape(*parts: Any) -> Told:
    """What a head is told for its shape alone; `parts` are those of a `Shape`."""
    shape = Shape(*parts)
    return _collected(_version, shape) + _collected(_fields, shape) + _collected(_for_type, shape)


def _collected(rules: Callable[..., None], *about: Any) -> Told:
    told: list[tuple[str, str, dict[str, Any]]] = []
    rules(*about, lambda rule, sentence, **severities: told.append((rule, sentence, severities)))
    return tuple(told)


def _version(shape: Shape, tell: Tell) -> None:
    if shape.version == "1.0":
        tell("version", "the record says WARC/1.0, not 1.1", foreign=None)
    elif shape.version != "1.1":
        tell("version", f"the record says WARC/{shape.version}; known are 1.0 and 1.1", foreign="note")


def _fields(shape: Shape, tell: Tell) -> None:
    if shape.folded:
        tell("fold", "a WARC field is folded over two lines", foreign="note")
    for name, times in Counter(shape.names).items():
        if times > 1 and name not in _REPEATABLE:
            known: Severity = "error" if name.startswith(("warc-", "content-")) else "note"
            tell("field-repeated", f"{name} occurs {times} times", foreign=known)
    if not shape.has("warc-record-id"):
        tell("record-id", "WARC-Record-ID is missing")
    for name in ("WARC-Type", "WARC-Date", "Content-Length"):
        if not shape.says(name.lower()):
            tell("field-missing", f"{name} is missing")
    if shape.kind in _TARGETED and not shape.has("warc-target-uri"):
        tell("field-missing", f"a {shape.kind} record without WARC-Target-URI")


def _for_type(shape: Shape, tell: Tell) -> None:
    kind = shape.kind
    for name, types in _NEVER.items():
        if kind in types and shape.has(name):
            tell("field-for-type", f"{name} must not be in a {kind} record")
    for name, types in _OURS_ONLY.items():
        if kind in types and shape.has(name):
            tell("field-for-type", f"{name} must not be in a {kind} record", foreign=None)
    if kind != "warcinfo" and shape.has("warc-filename"):
        tell("field-for-type", f"warc-filename must not be in a {kind} record")
    if kind in ("metadata", "warcinfo") and shape.has("warc-payload-digest"):
        tell("field-for-type", f"a {kind} record has no payload, so no payload digest either", foreign="note")
    if not shape.says("warc-block-digest"):
        tell("field-missing", "WARC-Block-Digest is missing", foreign=None)
    if kind in ("response", "request", "resource", "conversion", "revisit") and not shape.not_modified:
        if not shape.says("warc-payload-digest"):
            tell("field-missing", f"a {kind} record without WARC-Payload-Digest", foreign=None)
    elif shape.not_modified and shape.says("warc-payload-digest"):
        tell("field-for-type", "a server-not-modified revisit has no payload digest", foreign="note")
    wanted = {"request": "warc-concurrent-to", "metadata": "warc-refers-to", "conversion": "warc-refers-to"}.get(kind)
    if wanted and not shape.says(wanted):
        tell("field-missing", f"a {kind} record without {wanted}", foreign=None)


def _forms(head: Head, tell: Tell) -> None:
    """The spelling of values. Those that several records share are judged once."""
    record_id = head.get("warc-record-id")
    if record_id is not None and not _OUR_ID.fullmatch(record_id):
        _record_id(record_id, tell)
    target = head.get("warc-target-uri")
    if target is not None:
        for rule, sentence, severities in _of_target(target, head.version):
            tell(rule, sentence, **severities)
    address = head.get("warc-ip-address")
    if address is not None and _bare(address) != address:
        _address(address, tell)
    for name in ("warc-date", "warc-refers-to-date"):
        date = head.get(name)
        if date:
            for rule, sentence, severities in _of_date(name, date):
                tell(rule, sentence, **severities)
    for name in ("warc-block-digest", "warc-payload-digest"):
        digest = head.get(name)
        if digest is not None and not _SHA1.fullmatch(digest):
            _digest(name, digest, tell)
    truncated = head.get("warc-truncated")
    if truncated is not None and truncated not in _TRUNCATED:
        tell("truncated", f"WARC-Truncated {truncated!r} is none of {', '.join(_TRUNCATED)}", foreign="note")
    page = head.get("warc-page-id")
    if page is not None and not _UUID.fullmatch(page):
        tell("page-id", f"WARC-Page-ID {page!r} is no UUID", foreign="note")


def _record_id(record_id: str, tell: Tell) -> None:
    if not _BRACKETED_URI.fullmatch(record_id):
        tell("record-id", f"WARC-Record-ID {record_id!r} is no URI in angle brackets")
    else:
        tell("record-id", f"WARC-Record-ID {record_id!r} is no random UUID", foreign=None)


def _address(address: str, tell: Tell) -> None:
    if not _is_ip(address):
        tell("ip-form", f"WARC-IP-Address {address!r} is no bare address")
    else:
        tell("ip-form", f"WARC-IP-Address {address!r} is not in RFC 5952 form", foreign=None)


def _date(name: str, date: str, tell: Tell) -> None:
    if parse_date(date) is None or not _DATE.fullmatch(date):
        tell("date-form", f"{name} {date!r} is no UTC time with Z")
    elif not _OUR_DATE.fullmatch(date):
        tell("date-form", f"{name} {date!r} has not six fraction digits", foreign=None)


def _digest(name: str, digest: str, tell: Tell) -> None:
    if not _DIGEST.fullmatch(digest):
        tell("digest-form", f"{name} {digest!r} is no digest")
    else:
        tell("digest-form", f"{name} {digest!r} is not sha1: with 32 Base32 letters", foreign=None)


@lru_cache(maxsize=64)
def _of_date(name: str, date: str) -> Told:
    return _collected(_date, name, date)


@lru_cache(maxsize=64)
def _of_target(target: str, version: str) -> Told:
    return _collected(_target, target, version)


def _target(target: str, version: str, tell: Tell) -> None:
    if target.startswith("<") and target.endswith(">"):
        # WARC 1.0's grammar had the brackets, and wget followed it; 1.1 took them out.
        tell("uri-form", "WARC-Target-URI is in angle brackets", foreign="note" if version == "1.0" else "error")
    elif not _URI.fullmatch(target):
        tell("uri-form", f"WARC-Target-URI {target[:200]!r} is no RFC 3986 URI")
    elif "#" in target:
        tell("uri-form", "WARC-Target-URI has a fragment", foreign="note")


def _revisit(head: Head, tell: Tell) -> None:
    profile = head.get("warc-profile")
    if not profile:
        tell("revisit-profile", "the revisit has no WARC-Profile")
    elif profile not in (DIGEST_PROFILE, NOT_MODIFIED_PROFILE):
        tell("revisit-profile", f"the profile {profile!r} is none of WARC 1.1's", foreign="note")
    names = ("warc-refers-to", "warc-refers-to-target-uri", "warc-refers-to-date")
    missing = [name for name in names if not head.get(name)]
    if len(missing) == len(names):
        # WARC 1.0 had no target and date fields; its writers left the original to be found by digest.
        tell("revisit-target", "the revisit does not say what it refers to")
    elif missing:
        tell("revisit-target", f"the revisit has no {' and no '.join(missing)}", foreign="note")


@lru_cache(maxsize=1024)
def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


_bare = lru_cache(maxsize=1024)(bare_ip)
