"""The opt-out list: who asked to be left alone, since when and why.

Belongs here: reading `optout.toml` strictly, and whether it covers a URL. It is read before each run; whoever shows or exports the
archive asks it as well.

    [[host]]
    name   = "example.com"            # with all its subdomains
    date   = 2026-11-24
    reason = "letter of the publisher"

    [[url]]
    prefix = "https://www.example.org/private/"
    date   = 2026-11-24
    reason = "a person's request"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from archiver.strict import decode, load_toml
from archiver.urls import absolute, host_of, surt_key


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _host(value: str) -> str:
    name = value.strip().lower().rstrip(".")
    if not name or "/" in name or ":" in name or host_of(f"http://{name}/") != name:
        raise ValueError(f'"{value}" is no host name; write it without scheme and path, such as "example.com"')
    return name


def _prefix(value: str) -> str:
    if absolute(value) is None:
        raise ValueError(
            f'"{value}" is no http(s) URL; write the beginning of one, such as "https://www.example.com/private/"'
        )
    return value


class _Host(_Table):
    name: Annotated[str, AfterValidator(_host)]
    date: date
    reason: str = Field(min_length=1)


class _Url(_Table):
    prefix: Annotated[str, AfterValidator(_prefix)]
    date: date
    reason: str = Field(min_length=1)


class _File(_Table):
    host: list[_Host] = []
    url: list[_Url] = []


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list: `what` is a host name or a URL's beginning."""

    what: str
    date: date
    reason: str


class OptOut:
    """The list in memory: a look-up costs the same however long it is in hosts."""

    def __init__(self, hosts: Mapping[str, Entry] | None = None, prefixes: Mapping[str, Entry] | None = None) -> None:
        self._hosts, self._prefixes = dict(hosts or {}), dict(prefixes or {})

    def __bool__(self) -> bool:
        return bool(self._hosts or self._prefixes)

    @property
    def stamp(self) -> str:
        """The list's lines in one string: who built something from it sees whether it changed."""
        return "\n".join(sorted([*self._hosts, *self._prefixes]))

    def covers(self, url: str) -> Entry | None:
        """The entry that covers a URL, None when it may be asked for. http, https and www count as one."""
        if not self:
            return None
        name = host_of(url).rstrip(".")
        while name:
            if name in self._hosts:
                return self._hosts[name]
            name = name.partition(".")[2]
        key = surt_key(url)
        return next((e for start, e in self._prefixes.items() if key.startswith(start) or f"{key}/" == start), None)


def read_optout(path: Path) -> OptOut:
    """The list in `path`. Raises `ConfigError` with every problem."""
    raw: dict[str, Any] = load_toml(path)
    found = decode(_File, raw, str(path))
    hosts = {entry.name: Entry(entry.name, entry.date, entry.reason) for entry in found.host}
    prefixes = {_start(entry.prefix): Entry(entry.prefix, entry.date, entry.reason) for entry in found.url}
    return OptOut(hosts, prefixes)


def _start(prefix: str) -> str:
    """The SURT that a prefix stands for; `surt_key` drops a last slash, which tells a folder from a longer name."""
    key = surt_key(prefix)
    return f"{key}/" if prefix.endswith("/") and not key.endswith("/") else key
