"""Source: one news site, read strictly from one TOML file.

Belongs here: the shape of a source file and its errors. A source is data; what crawls it lives in `spiders`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from archiver.errors import ConfigError
from archiver.layout import source_of_series
from archiver.models.hints import ExtractHints
from archiver.strict import Seconds, decode, load_toml
from archiver.urls import absolute

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

RESERVED = frozenset({"cards", "page", "posts", "probe"})
"""WARC series that belong to no source: those of the other spiders, and that of the pages made from documents."""


def _http_url(value: str) -> str:
    if absolute(value) is None:
        raise ValueError(f'"{value}" is no http(s) URL; write it whole, such as "https://www.example.com/feed.xml"')
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f'"{value}" is no regular expression: {error}') from None
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Pattern = Annotated[str, AfterValidator(_pattern)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Discover(_Table):
    """Where new articles are announced. `robots`: the sitemaps that a robots.txt names; `listing`: a home or section page."""

    kind: Literal["feed", "news-sitemap", "sitemap", "robots", "listing"]
    url: HttpUrl


class Articles(_Table):
    """Regular expressions on the whole URL (searched, not anchored). No `allow` means every URL of the site."""

    allow: list[Pattern] = []
    deny: list[Pattern] = []

    def wants(self, url: str) -> bool:
        """Whether the patterns keep `url`."""
        return (not self.allow or any(re.search(p, url) for p in self.allow)) and not self.denies(url)

    def denies(self, url: str) -> bool:
        return any(re.search(p, url) for p in self.deny)


class Politeness(_Table):
    """`delay` is the least time between two requests to one host. A source can only ask for more than the configuration."""

    delay: Seconds = 1.0


class Expect(_Table):
    """A run below this exits 3. What is not set is judged by the source's own past (`archiver.expect`).

    Shares run from 0 to 1: `yield_min` of the pages that gave an article, `blocked_max` of walls and challenges, `dated_min` of the
    articles with a date. `text_min` is the median length of the texts in characters.
    """

    articles_min: int = Field(default=0, ge=0)
    yield_min: float | None = Field(default=None, ge=0, le=1)
    text_min: int | None = Field(default=None, ge=0)
    dated_min: float | None = Field(default=None, ge=0, le=1)
    blocked_max: float | None = Field(default=None, ge=0, le=1)


class Source(_Table):
    """One news site. `id` is the file's name without `.toml`. `render`: its articles are captured through a browser."""

    id: str
    name: str = Field(min_length=1)
    homepage: HttpUrl
    language: str | None = None
    country: str | None = None
    every: Seconds = Field(default=1800.0, gt=0)
    checked: bool = True
    render: bool = False
    accounts: dict[str, str] = {}
    discover: list[Discover] = []
    articles: Articles = Articles()
    politeness: Politeness = Politeness()
    extract: ExtractHints = ExtractHints()
    expect: Expect = Expect()


def check_id(source_id: str, path: Path | None = None) -> str:
    """The id itself when a source may have it; else `ConfigError`."""
    where = f"{path}: " if path else ""
    if not _ID.fullmatch(source_id):
        raise ConfigError(f"{where}the file's name is the source's id: use a-z, 0-9 and '-' only, then .toml")
    if source_id in RESERVED or source_of_series(source_id) != source_id:
        raise ConfigError(f'{where}"{source_id}" is taken by the crawler itself; choose another name for the file')
    return source_id


def read_source(path: Path) -> Source:
    """The source in `path`. Raises `ConfigError` with every problem as `FILE: place: what; next move`."""
    source_id = check_id(path.stem, path)
    raw = load_toml(path)
    if "id" in raw:
        raise ConfigError(f'{path}: id: the id is the file\'s name ("{source_id}"); remove this key')
    return decode(Source, {"id": source_id, **raw}, str(path))


def read_sources(folder: Path) -> tuple[list[Source], list[ConfigError]]:
    """Every readable source of a folder by id, and one error for each file that is not; one bad file stops no other."""
    sources, errors = [], []
    for path in sorted(folder.glob("*.toml")):
        try:
            sources.append(read_source(path))
        except ConfigError as error:
            errors.append(error)
    return sources, errors
