"""Whose account is meant when an article prints a name and a network, and no link.

Belongs here: the accounts files (the shipped one and the operator's), what a page says about the accounts of its outlet and its
authors, and the order of trust between them. Who speaks in a sentence is found by `archiver.citations`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lxml.html import HtmlElement
from pydantic import BaseModel, ConfigDict, Field, model_validator

from archiver.errors import ConfigError
from archiver.platforms.base import address
from archiver.platforms.payloads import a_text, ld_json, strings
from archiver.strict import decode, load_toml

Basis = Literal["accounts", "printed", "embed", "source", "page", "wikidata", "accounts-unchecked"]
"""Why an account is believed to be the author's, the most trusted first."""

NETWORKS = (
    "x", "bluesky", "mastodon", "truthsocial", "telegram", "youtube", "tiktok", "reddit", "facebook", "instagram", "threads", "linkedin",
)  # fmt: skip

_DROPPED = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200c-\u200f\u202a-\u202e\u2066-\u2069]")
_LETTERS = str.maketrans("يىكةأإآٱۀ", "ییکهااااه")
_NO_WORD = re.compile(r"[\W_]+")
_TITLES = (
    "the mr mrs ms dr news agency journalist reporter correspondent writer analyst activist professor senator governor minister "
    "president spokesman spokeswoman spokesperson "
    "خبرنگار روزنامه‌نگار ژورنالیست نویسنده فعال وزیر رئیس سخنگوی داکتر دکتر آقای خانم "
    "خبریال ژورنالست لیکوال وزیر ویاند ښاغلی "
    "صحافی نامہ‌نگار تجزیہ‌کار وزیر صدر ترجمان ڈاکٹر جناب محترمہ "
    "الصحفي الصحفية الصحافي الصحافية الكاتب الكاتبة الناشط الناشطة الوزير الوزيرة الرئيس المتحدث الدكتور الدكتورة السيد السيدة"
)
"""What may stand before a name and is no part of it, in the languages of the cue files."""

_PROFILES = (
    ("x", ("x.com", "twitter.com"), re.compile(r"/@?(\w{1,15})/?")),
    ("telegram", ("t.me", "telegram.me"), re.compile(r"/(?:s/)?([A-Za-z]\w{3,31})/?")),
    ("bluesky", ("bsky.app",), re.compile(r"/profile/([\w.:-]+)/?")),
    ("youtube", ("youtube.com",), re.compile(r"/(?:@|c/|user/)?([\w.-]+)/?")),
    ("tiktok", ("tiktok.com",), re.compile(r"/@([\w.]+)/?")),
    ("truthsocial", ("truthsocial.com",), re.compile(r"/@(\w+)/?")),
    ("facebook", ("facebook.com", "fb.com"), re.compile(r"/([\w.]+)/?")),
    ("instagram", ("instagram.com",), re.compile(r"/([\w.]+)/?")),
    ("threads", ("threads.net", "threads.com"), re.compile(r"/@([\w.]+)/?")),
    ("linkedin", ("linkedin.com",), re.compile(r"/(?:in|company|school)/([^/]+)/?")),
)
_FEDIVERSE = re.compile(r"/@(\w+)/?")
_NO_USERS = frozenset(
    {
        "home", "share", "sharer", "intent", "search", "hashtag", "i", "login", "explore", "watch", "embed", "plugins",
        "dialog", "joinchat", "sharer.php", "results", "feed", "privacy", "tos", "settings", "playlist", "channel",
    }
)  # fmt: skip


class Account(BaseModel):
    """One person or organisation and its accounts by network, without `@`. `checked`: a reader of the file vouches for them.

    `ids` are the networks' own numbers for them (a DID on Bluesky): a username that was given to somebody else is told by its number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    aliases: list[str] = []
    kind: Literal["organization", "person"]
    checked: bool = False
    ids: dict[str, str] = {}
    x: str | None = None
    bluesky: str | None = None
    mastodon: str | None = None
    truthsocial: str | None = None
    telegram: str | None = None
    youtube: str | None = None
    tiktok: str | None = None
    reddit: str | None = None
    facebook: str | None = None
    instagram: str | None = None
    threads: str | None = None
    linkedin: str | None = None

    @model_validator(mode="after")
    def _has_one(self) -> Account:
        if not any(self.on(network) for network in NETWORKS):
            raise ValueError(f'{self.name!r} has no account; name a network, such as x = "username"')
        if unknown := sorted(name for name in self.ids if not self.on(name)):
            raise ValueError(f"{self.name!r} has a number on {unknown[0]!r} and no account there")
        return self

    def on(self, network: str) -> str | None:
        """The username on a network, None without one."""
        found = getattr(self, network, None) if network in NETWORKS else None
        return found.lstrip("@") if isinstance(found, str) and found else None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    account: list[Account] = []


class Accounts:
    """Accounts by folded name. Where two entries share a name, the first one given counts, and a checked one before others."""

    def __init__(self, entries: Iterable[Account]) -> None:
        self.entries = tuple(entries)
        self._by_name: dict[str, list[Account]] = {}
        for entry in sorted(self.entries, key=lambda entry: not entry.checked):
            for name in dict.fromkeys(fold(spelling) for spelling in (entry.name, *entry.aliases)):
                self._by_name.setdefault(name, []).append(entry)

    def find(self, name: str, network: str) -> Account | None:
        """The entry of that name with an account on that network."""
        return next((entry for entry in self._by_name.get(fold(name), ()) if entry.on(network)), None)

    def owner(self, network: str, username: str) -> Account | None:
        """The entry that has an account."""
        wanted = username.lstrip("@").lower()
        return next((entry for entry in self.entries if (entry.on(network) or "").lower() == wanted), None)

    def number(self, network: str, username: str) -> str | None:
        """The network's own number for an account, where an entry has it."""
        entry = self.owner(network, username)
        return entry.ids.get(network) if entry else None


def fold(name: str) -> str:
    """A name for comparison: case, marks, joiners, letter variants and spaces do not count; "TOLO News" is "tolonews"."""
    words = _words(name)
    while len(words) > 1 and words[0] in _titles():
        words = words[1:]
    return "".join(words)


def _words(name: str) -> list[str]:
    text = unicodedata.normalize("NFKD", name.casefold())
    text = unicodedata.normalize("NFC", _DROPPED.sub("", text)).translate(_LETTERS)
    return [word for word in _NO_WORD.split(text) if word]


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset(_words(_TITLES))


def read_accounts(path: Path) -> list[Account]:
    """An accounts file, strictly. Raises `ConfigError`."""
    return decode(_File, load_toml(path), str(path)).account


@lru_cache(maxsize=1)
def shipped() -> tuple[Account, ...]:
    """The accounts that come with the project."""
    with_path = files("archiver.platforms") / "accounts.toml"
    return tuple(read_accounts(Path(str(with_path))))


def load_accounts(*own: Path) -> Accounts:
    """The operator's files, which come first, and the shipped one. Raises `ConfigError` with every problem."""
    entries: list[Account] = []
    problems: list[str] = []
    for path in own:
        try:
            entries += read_accounts(path)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return Accounts([*entries, *shipped()])


class Named(NamedTuple):
    """A name with an account: an embed's author on the page, or what a page's metadata says."""

    name: str
    network: str
    username: str


@dataclass(frozen=True, slots=True)
class PageHints:
    """What the page shows about accounts.

    `embeds`: authors of the posts it embeds. `own`: accounts of the outlet (`twitter:site`, `rel=me`, the organisation's
    `sameAs`, links in header and footer), `outlet` its names. `people`: persons of its JSON-LD with their `sameAs`, and the
    byline with `twitter:creator`.
    """

    embeds: Sequence[Named] = ()
    outlet: Sequence[str] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    people: Sequence[Named] = ()


class Resolved(NamedTuple):
    """An account and why it is believed to be the author's."""

    username: str
    basis: Basis


def resolve_author(
    name: str | None,
    printed_username: str | None,
    source_accounts: Mapping[str, str] | None = None,
    page_hints: PageHints | None = None,
    *,
    network: str = "x",
    outlet_names: Sequence[str] = (),
    accounts: Accounts | None = None,
    wikidata: str | None = None,
) -> Resolved | None:
    """The account of who is said to have posted; None when nothing says it.

    A checked entry of the accounts files wins; then what the article prints, the posts it embeds, the source file's
    `[accounts]` when the name is the outlet's own (`outlet_names`), the page's own metadata, the username that Wikidata has
    for the name (`archiver.platforms.wikidata`), an unchecked entry.
    """
    hints = page_hints or PageHints()
    known = (accounts or load_accounts()).find(name, network) if name else None
    if known and known.checked:
        return Resolved(known.on(network) or "", "accounts")
    if printed_username:
        return Resolved(printed_username.lstrip("@"), "printed")
    if name:
        if embedded := _of(hints.embeds, name, network):
            return Resolved(embedded, "embed")
        own = {fold(spelling) for spelling in (*outlet_names, *hints.outlet)}
        if fold(name) in own and (username := (source_accounts or {}).get(network)):
            return Resolved(username.lstrip("@"), "source")
        if person := _of(hints.people, name, network):
            return Resolved(person, "page")
        if fold(name) in own and network in hints.own:
            return Resolved(hints.own[network], "page")
    if name and wikidata:
        return Resolved(wikidata, "wikidata")
    return Resolved(known.on(network) or "", "accounts-unchecked") if known else None


def _of(named: Sequence[Named], name: str, network: str) -> str | None:
    """The one account of a name; None when the page names two."""
    found = {one.username for one in named if one.network == network and fold(one.name) == fold(name)}
    return found.pop() if len(found) == 1 else None


def profile(url: str) -> tuple[str, str] | None:
    """(network, username) of a link to a profile; None for posts, share links and everything else."""
    at = address(url)
    if at is None:
        return None
    for network, hosts, path in _PROFILES:
        if at.on(*hosts) and (found := path.fullmatch(at.path)) and found[1].lower() not in _NO_USERS:
            return network, found[1]
    return None


def _mastodon(url: str) -> str | None:
    """`user@host` of a link of Mastodon's form; any host has that form, so it counts only beside `rel=me`."""
    at = address(url)
    found = _FEDIVERSE.fullmatch(at.path) if at else None
    if at is None or not found or any(at.on(*hosts) for _, hosts, _ in _PROFILES):
        return None
    return f"{found[1]}@{at.host}"


def hints_of(tree: HtmlElement, embeds: Sequence[Named] = ()) -> PageHints:
    """What a page's own markup says about accounts. `embeds` come from its citations."""
    own: dict[str, str] = {}
    outlet: list[str] = []
    people: list[Named] = []
    site = _meta(tree, "twitter:site")
    if site:
        own["x"] = site.lstrip("@")
    if named := _meta(tree, "og:site_name"):
        outlet.append(named)
    creator, byline = _meta(tree, "twitter:creator"), _meta(tree, "author")
    if creator and byline:
        people.append(Named(byline, "x", creator.lstrip("@")))
    for node in ld_json(tree):
        _from_json_ld(node, own, outlet, people)
    vouched = tree.xpath("//a[contains(concat(' ', @rel, ' '), ' me ')]/@href | //link[@rel='me']/@href")
    for link in vouched[:100]:
        if found := _mastodon(str(link)):
            own.setdefault("mastodon", found)
    links = [*vouched, *tree.xpath("//header//a/@href | //footer//a/@href")]
    for link in links[:500]:
        if pair := profile(str(link)):
            own.setdefault(*pair)
    return PageHints(embeds, tuple(outlet), own, tuple(people))


def _meta(tree: HtmlElement, name: str) -> str | None:
    found = tree.xpath("//meta[@name=$n or @property=$n]/@content", n=name)
    return str(found[0]).strip()[:200] or None if found else None


def _from_json_ld(node: dict[str, Any], own: dict[str, str], outlet: list[str], people: list[Named]) -> None:
    kind, name = a_text(node, "@type") or "", a_text(node, "name")
    same = [*strings(node, "sameAs"), *([one] if (one := a_text(node, "sameAs")) else [])]
    found = [pair for link in same if (pair := profile(link))]
    if name and kind == "Person":
        people += [Named(name, network, username) for network, username in found]
    elif name and (kind.endswith("Organization") or kind == "WebSite"):
        outlet.append(name)
        for network, username in found:
            own.setdefault(network, username)
