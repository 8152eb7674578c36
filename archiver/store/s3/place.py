"""Where an S3 store is, `s3://bucket/prefix?endpoint=…&profile=…&region=…&ca=…`, read strictly."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from archiver.errors import UsageError
from archiver.store.base import checked_key

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_PARAMETERS = ("endpoint", "profile", "region", "ca")


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and what stands before every key in it ("" or "…/"). `endpoint` is None for AWS itself, or for what boto3's own
    configuration says; `ca` is a file of certificates that its own is proved by."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    profile: str | None = None
    region: str | None = None
    ca: str | None = None

    @property
    def url(self) -> str:
        """The place as a store URL; it never holds a secret."""
        given = [(name, value) for name in _PARAMETERS if (value := getattr(self, name))]
        query = "&".join(f"{name}={quote(value, safe=':/')}" for name, value in given)
        return f"s3://{self.bucket}/{self.prefix.rstrip('/')}".rstrip("/") + (f"?{query}" if query else "")

    @property
    def shown(self) -> str:
        """The place for people: without the parameters."""
        where = f" at {self.endpoint}" if self.endpoint else ""
        return f"s3://{self.bucket}/{self.prefix.rstrip('/')}".rstrip("/") + where


def parse_place(url: str) -> Place:
    """The place that a store URL names. Raises `UsageError`."""
    parts = urlsplit(url)
    bucket, prefix = parts.netloc, parts.path.strip("/")
    if "@" in bucket:
        raise UsageError(
            "the store's URL holds a user or a key; credentials come from the environment or a profile: s3://BUCKET?profile=NAME"
        )
    if parts.scheme != "s3" or not _BUCKET.fullmatch(bucket):
        raise UsageError(f'{url}: "{bucket}" is no bucket; write s3://BUCKET/PREFIX?endpoint=https://HOST')
    if prefix:
        checked_key(prefix)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name, value in given.items():
        if name not in _PARAMETERS:
            near = difflib.get_close_matches(name, _PARAMETERS, 1)
            raise UsageError(f'{url}: unknown "{name}"' + (f'; did you mean "{near[0]}"?' if near else ""))
        if not value:
            raise UsageError(f'{url}: "{name}" is empty')
    endpoint = _endpoint(given.get("endpoint"), url)
    return Place(
        bucket, f"{prefix}/" if prefix else "", endpoint, given.get("profile"), given.get("region"), given.get("ca")
    )


def _endpoint(value: str | None, url: str) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise UsageError(f'{url}: endpoint "{value}" is no address; write it whole, such as https://s3.example.com')
    return value.rstrip("/")
