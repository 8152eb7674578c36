"""Probe: what a site says about itself, as a new source file.

Belongs here: which documents of a site are worth a look, what they told, and the TOML that comes of it. Fetching them is the
matter of `spiders.probe`, so that everything here can be tested without a network.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from archiver.discovery import Entry, article_pattern, choose_children, discover, find_feeds
from archiver.errors import Refused
from archiver.models.exchange import Capture
from archiver.page import Page, parse_page
from archiver.platforms.accounts import hints_of
from archiver.reasons import Reason
from archiver.sources import Source
from archiver.strict import decode
from archiver.urls import absolute, host_of, registered_domain

FEEDS_MAX = 6
SITEMAPS_MAX = 4
CHILDREN_MAX = 2
LISTED_MAX = 3
"""Feeds and sitemaps of each kind that go into the file."""

_GUESSES = (
    ("feed", "/feed/"),
    ("feed", "/rss.xml"),
    ("news-sitemap", "/news-sitemap.xml"),
    ("sitemap", "/sitemap.xml"),
)
"""Where feeds and sitemaps usually are; asked for only when the site names none."""

_NEWS = re.compile(r"news", re.IGNORECASE)
_COMMENTS = re.compile(r"/comments?(?:/|$)|[?&]withcomments", re.IGNORECASE)
_COUNTRY_OF_DOMAIN = re.compile(r"\.([a-z]{2})$")
_NO_COUNTRIES = frozenset({"ai", "cc", "co", "eu", "fm", "io", "ly", "me", "tv", "ws"})
"""Country domains that everybody uses."""

_PLACES = {"uk": "gb"}


@dataclass(frozen=True, slots=True)
class Ask:
    """A document to fetch. `root` is the feed or index that led to it; a child tells about its root."""

    kind: str
    url: str
    root: str | None = None


@dataclass(slots=True)
class Offer:
    """A feed or sitemap that could be read: its articles by URL, and whether it carries news titles."""

    kind: str
    url: str
    title: str | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    news: bool = False


class Probe:
    """What is learnt of one site. `first()` begins, each capture goes to `take`, `more()` is asked when nothing is under way."""

    def __init__(self, url: str) -> None:
        self.homepage = url
        self.name: str | None = None
        self.language: str | None = None
        self.country: str | None = None
        self.accounts: dict[str, str] = {}
        self.offers: dict[str, Offer] = {}
        self.links: list[Entry] = []
        self.problems: list[str] = []
        self.reached = False
        self._titles: dict[str, str | None] = {}
        self._asked: set[str] = set()
        self._guessed = False

    def first(self) -> list[Ask]:
        """The home page and robots.txt."""
        robots = absolute("/robots.txt", self.homepage) or self.homepage
        return self._new([Ask("listing", self.homepage), Ask("robots", robots)])

    def take(self, ask: Ask, capture: Capture) -> list[Ask]:
        """Learns from an answer; gives what it leads to. What cannot be used becomes a sentence in `problems`."""
        try:
            if capture.status != 200:
                raise Refused(Reason.HTTP_ERROR, f"status {capture.status}")
            if ask.kind == "listing":
                return self._home(capture)
            return self._document(ask, capture)
        except Refused as refused:
            self.failed(ask, str(refused))
            return []

    def failed(self, ask: Ask, why: str) -> None:
        """A document could not be had; guesses may fail in silence."""
        if not self._guessed or ask.kind == "listing":
            self.problems.append(f"{ask.url}: {why}")

    def more(self) -> list[Ask]:
        """What is left to try: the usual places, once, when the site named nothing that could be used."""
        if self._guessed or not self.reached or any(offer.entries for offer in self.offers.values()):
            return []
        self._guessed = True
        return self._new(Ask(kind, url) for kind, path in _GUESSES if (url := absolute(path, self.homepage)))

    def _new(self, asks: Iterable[Ask]) -> list[Ask]:
        fresh = []
        for ask in asks:
            if ask.url not in self._asked:
                self._asked.add(ask.url)
                fresh.append(ask)
        return fresh

    def _home(self, capture: Capture) -> list[Ask]:
        page = parse_page(capture)
        self.reached = True
        self.homepage = page.url
        self._describe(page)
        self.links = [entry for entry in discover(capture, "listing") if entry.score > 0]
        feeds = [feed for feed in find_feeds(page) if not _COMMENTS.search(feed.url)][:FEEDS_MAX]
        self._titles |= {feed.url: feed.title for feed in feeds}
        return self._new(Ask("feed", feed.url) for feed in feeds)

    def _describe(self, page: Page) -> None:
        hints = hints_of(page.tree)
        title = page.tree.findtext(".//title") or ""
        self.name = (
            next(iter(hints.outlet), None) or " ".join(re.split(r"\s[-–—|:»]\s", title)[0].split())[:100] or None
        )
        self.accounts = dict(hints.own)
        language, _, region = (page.tree.get("lang") or "").strip().replace("_", "-").partition("-")
        if re.fullmatch(r"[A-Za-z]{2,3}", language):
            self.language = language.lower()
        if domain := _COUNTRY_OF_DOMAIN.search(host_of(page.url)):
            place = _PLACES.get(domain[1], domain[1])
            self.country = None if place in _NO_COUNTRIES else place
        if self.country is None and re.fullmatch(r"[A-Za-z]{2}", region):
            self.country = region.lower()

    def _document(self, ask: Ask, capture: Capture) -> list[Ask]:
        entries = discover(capture, ask.kind, self.homepage)
        children = [entry for entry in entries if entry.is_index]
        if ask.kind == "robots":
            wanted = sorted(children, key=lambda entry: not _NEWS.search(entry.url))[:SITEMAPS_MAX]
            return self._new(Ask(_kind_of(entry.url), entry.url) for entry in wanted)
        root = ask.root or ask.url
        offer = self.offers.setdefault(root, Offer(ask.kind, root, self._titles.get(root)))
        offer.entries |= {entry.url: entry for entry in entries if not entry.is_index}
        offer.news |= ask.kind != "feed" and any(entry.claimed_title for entry in entries)
        if ask.root:
            return []  # an index inside an index is the crawl's matter
        return self._new(Ask(ask.kind, entry.url, root) for entry in choose_children(children, CHILDREN_MAX))


def _kind_of(url: str) -> str:
    return "news-sitemap" if _NEWS.search(urlsplit(url).path) else "sitemap"


def default_id(url: str) -> str:
    """A source id from a URL: the name part of its registered domain, else its host."""
    host = host_of(url)
    name = (registered_domain(host) or "").split(".")[0] or host
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63] or "site"


def toml_of(probe: Probe, source_id: str) -> str:
    """The source file, with comments that say what was seen. It is read strictly before it is given back."""
    chosen = _chosen(probe)
    entries = [entry for offer in chosen for entry in offer.entries.values()]
    pattern = article_pattern(
        [entry.url for entry in entries] or [entry.url for entry in probe.links if entry.score >= 5]
    )
    lines = [
        f"# Written by `archiver sources add {probe.homepage}`. Look at every line, then run it and set checked = true.",
        "",
        f"name     = {_text(probe.name or source_id)}",
        f"homepage = {_text(probe.homepage)}",
        *_known("language", probe.language, "en", "# BCP 47; the page does not say"),
        *_known("country ", probe.country, "af", "# ISO 3166; nothing says which"),
        'every    = "30m"',
        "checked  = false                       # nobody has run it live yet",
        "",
    ]
    if probe.accounts:
        lines += ["[accounts]                             # as the home page names them"]
        lines += [*(f"{network} = {_text(name)}" for network, name in sorted(probe.accounts.items())), ""]
    for offer in chosen:
        seen = f"# {len(offer.entries)} articles seen" + (f": {offer.title}" if offer.title else "")
        kind = "news-sitemap" if offer.news else offer.kind
        lines += ["[[discover]]", f'kind = "{kind}"', f"url  = {_text(offer.url)}   {seen}", ""]
    if not any(offer.news or offer.kind == "feed" for offer in chosen):
        lines += [
            "[[discover]]",
            'kind = "listing"',
            f"url  = {_text(probe.homepage)}   # no feed with articles was found",
            "",
        ]
    lines += ["[articles]"]
    if pattern and not re.search(pattern, probe.homepage):
        lines += [f"allow = [{_literal(pattern)}]   # what the articles seen have in common", ""]
    else:
        lines += [
            "# allow = ['/news/']                  # the articles seen have no form in common; write what fits",
            "",
        ]
    lines += ["[politeness]", 'delay = "2s"', "", "[expect]", "articles_min = 1"]
    text = "\n".join(lines) + "\n"
    decode(Source, {"id": source_id, **tomllib.loads(text)}, f"{source_id}.toml")
    return text


def _chosen(probe: Probe) -> list[Offer]:
    """Feeds and news sitemaps with articles; plain sitemaps only where there is neither: they bear the whole past."""
    full = [offer for offer in probe.offers.values() if offer.entries]
    feeds = [offer for offer in full if offer.kind == "feed"][:LISTED_MAX]
    news = [offer for offer in full if offer.news][:LISTED_MAX]
    rest = [offer for offer in full if offer.kind != "feed" and not offer.news]
    return [*feeds, *news] or rest[:1]


def _known(key: str, value: str | None, example: str, why: str) -> list[str]:
    return [f'{key} = "{value}"'] if value else [f'# {key} = "{example}"   {why}']


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _literal(pattern: str) -> str:
    return _text(pattern) if "'" in pattern else f"'{pattern}'"
