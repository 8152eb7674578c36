"""Rules about one record head: which fields, how often, in which form.

Belongs here: what can be judged without the block and without other records.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address

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


def check_head(head: Head, tell: Tell) -> None:
    """All rules of this module for one head."""
    _version(head, tell)
    _fields(head, tell)
    _for_type(head, tell)
    _forms(head, tell)
    if head.kind == "revisit":
        _revisit(head, tell)


def _version(head: Head, tell: Tell) -> None:
    if head.version == "1.0":
        tell("version", "the record says WARC/1.0, not 1.1", foreign=None)
    elif head.version != "1.1":
        tell("version", f"the record says WARC/{head.version}; known are 1.0 and 1.1", foreign="note")


def _fields(head: Head, tell: Tell) -> None:
    if head.folded:
        tell("fold", "a WARC field is folded over two lines", foreign="note")
    for name, value in head.fields:
        if value.startswith("=?") and value.endswith("?="):
            tell("fold", f"{name} is an encoded-word", foreign="note")
    names = [name.lower() for name, _ in head.fields]
    for name, times in Counter(names).items() if len(set(names)) < len(names) else ():
        if times > 1 and name not in _REPEATABLE:
            known: Severity = "error" if name.startswith(("warc-", "content-")) else "note"
            tell("field-repeated", f"{name} occurs {times} times", foreign=known)
    record_id = head.get("warc-record-id")
    if record_id is None:
        tell("record-id", "WARC-Record-ID is missing")
    elif not _BRACKETED_URI.fullmatch(record_id):
        tell("record-id", f"WARC-Record-ID {record_id!r} is no URI in angle brackets")
    elif not _OUR_ID.fullmatch(record_id):
        tell("record-id", f"WARC-Record-ID {record_id!r} is no random UUID", foreign=None)
    for name in ("WARC-Type", "WARC-Date", "Content-Length"):
        if not head.get(name.lower()):
            tell("field-missing", f"{name} is missing")
    if head.kind in _TARGETED and head.target is None:
        tell("field-missing", f"a {head.kind} record without WARC-Target-URI")


@lru_cache(maxsize=64)
def _unwanted(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(fields that no file may have in this type, fields that ours may not)."""
    return (
        tuple(name for name, types in _NEVER.items() if kind in types),
        tuple(name for name, types in _OURS_ONLY.items() if kind in types),
    )


def _for_type(head: Head, tell: Tell) -> None:
    kind = head.kind
    never, not_ours = _unwanted(kind)
    for name in never:
        if head.get(name) is not None:
            tell("field-for-type", f"{name} must not be in a {kind} record")
    for name in not_ours:
        if head.get(name) is not None:
            tell("field-for-type", f"{name} must not be in a {kind} record", foreign=None)
    if kind != "warcinfo" and head.get("warc-filename") is not None:
        tell("field-for-type", f"warc-filename must not be in a {kind} record")
    if kind in ("metadata", "warcinfo") and head.get("warc-payload-digest") is not None:
        tell("field-for-type", f"a {kind} record has no payload, so no payload digest either", foreign="note")
    if not head.get("warc-block-digest"):
        tell("field-missing", "WARC-Block-Digest is missing", foreign=None)
    not_modified = head.get("warc-profile") == NOT_MODIFIED_PROFILE
    if kind in ("response", "request", "resource", "conversion", "revisit") and not not_modified:
        if not head.get("warc-payload-digest"):
            tell("field-missing", f"a {kind} record without WARC-Payload-Digest", foreign=None)
    elif not_modified and head.get("warc-payload-digest"):
        tell("field-for-type", "a server-not-modified revisit has no payload digest", foreign="note")
    wanted = {"request": "warc-concurrent-to", "metadata": "warc-refers-to", "conversion": "warc-refers-to"}.get(kind)
    if wanted and not head.get(wanted):
        tell("field-missing", f"a {kind} record without {wanted}", foreign=None)


def _forms(head: Head, tell: Tell) -> None:
    target = head.get("warc-target-uri")
    if target is not None:
        _target(target, head.version, tell)
    address = head.get("warc-ip-address")
    if address is not None:
        if not _is_ip(address):
            tell("ip-form", f"WARC-IP-Address {address!r} is no bare address")
        elif _bare(address) != address:
            tell("ip-form", f"WARC-IP-Address {address!r} is not in RFC 5952 form", foreign=None)
    for name in ("warc-date", "warc-refers-to-date"):
        date = head.get(name)
        if date and (not _DATE.fullmatch(date) or parse_date(date) is None):
            tell("date-form", f"{name} {date!r} is no UTC time with Z")
        elif date and not _OUR_DATE.fullmatch(date):
            tell("date-form", f"{name} {date!r} has not six fraction digits", foreign=None)
    for name in ("warc-block-digest", "warc-payload-digest"):
        digest = head.get(name)
        if digest is not None and not _DIGEST.fullmatch(digest):
            tell("digest-form", f"{name} {digest!r} is no digest")
        elif digest is not None and not _SHA1.fullmatch(digest):
            tell("digest-form", f"{name} {digest!r} is not sha1: with 32 Base32 letters", foreign=None)
    truncated = head.get("warc-truncated")
    if truncated is not None and truncated not in _TRUNCATED:
        tell("truncated", f"WARC-Truncated {truncated!r} is none of {', '.join(_TRUNCATED)}", foreign="note")
    page = head.get("warc-page-id")
    if page is not None and not _UUID.fullmatch(page):
        tell("page-id", f"WARC-Page-ID {page!r} is no UUID", foreign="note")


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
