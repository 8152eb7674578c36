"""Whose account a quoted speaker's is, as the spiders of a run learn it.

Belongs here: what an article, the source files and the accounts file say about it, and whom a search lets ask where they say nothing.
Who weighs them is `archiver.platforms.accounts`; the asking is `spiders.inquiries`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from archiver.models import Article
from archiver.models.article import Citation
from archiver.platforms import wikidata
from archiver.platforms.accounts import Accounts, Named, PageHints, fold, resolve_author
from archiver.platforms.options import PlatformOptions
from archiver.sources import Source
from spiders.inquiries import QuoteSearch
from spiders.together import Together

BASES: dict[str, str | None] = {
    "accounts": "accounts",
    "printed": "username",
    "embed": "site",
    "source": "site",
    "page": "site",
    "wikidata": "wikidata",
    "accounts-unchecked": None,
}
"""From where an account was found to the word that a Resolution keeps (`author_basis`)."""

NAMES_MAX = 50
"""Names of one run for which others are asked."""

Owner = tuple[str | None, str | None, str | None, tuple[str, ...]]


class Owners:
    """`accounts` says whose account is whose, `sources` are the outlets by id, `shared` is what the run has learnt."""

    def __init__(
        self, options: PlatformOptions, accounts: Accounts, sources: Mapping[str, Source], shared: Together
    ) -> None:
        self._options, self._accounts, self._sources = options, accounts, sources
        self._shared = shared

    def let_ask(self, search: QuoteSearch, citation: Citation) -> None:
        """Lets a search that does not know the account ask for it first."""
        self._ask_home(search, citation)
        self._ask_others(search, citation)

    def of(self, citation: Citation, article: Article, hints: PageHints | None) -> Owner:
        """(username, why the quoted speaker is believed to be its owner, the account's number, the records that say so); an unchecked
        entry says who to ask, and no more."""
        shown = [(c.embedded_author, c.platform) for c in article.citations if c.embedded_author]
        embeds = [Named(a.name, platform, a.username) for a, platform in shown if a and a.name and a.username]
        name = citation.speaker.name if citation.speaker else None
        source = self._source_of(name, article)
        page = hints or PageHints()
        known = self._shared.looked_up.get((fold(name), citation.platform)) if name else None
        found = resolve_author(
            name,
            citation.username,
            source.accounts if source else None,
            PageHints(embeds, page.outlet, page.own, page.people),
            network=citation.platform,
            outlet_names=[source.name] if source else [],
            accounts=self._accounts,
            wikidata=known[0].username if known else None,
        )
        if found is None:
            return None, None, None, ()
        if found.basis == "wikidata" and known:
            return found.username, "wikidata" if known[0].item else None, known[0].user_id, (known[1],)
        evidence = (article.capture.warc_record_id,) if found.basis == "page" else ()
        return found.username, BASES[found.basis], self._accounts.number(citation.platform, found.username), evidence

    def _source_of(self, name: str | None, article: Article) -> Source | None:
        """The outlet that is quoted, else the article's own."""
        own = self._sources.get(article.source or "")
        if name is None or (own and fold(own.name) == fold(name)):
            return own
        return next((source for source in self._sources.values() if fold(source.name) == fold(name)), own)

    def _ask_home(self, search: QuoteSearch, citation: Citation) -> None:
        """Lets a search for a post of an outlet with a source file, whose account nobody knows, ask its home page: once a run."""
        name = fold(citation.speaker.name) if citation.speaker else ""
        source = next((source for source in self._sources.values() if name and fold(source.name) == name), None)
        if search.cause["basis"] or source is None:
            return
        key = source.id, search.platform
        if key in self._shared.homes:
            if known := self._shared.homes[key]:
                search.cause.update(username=known[0], basis="site", evidence=[known[1]])
            return
        search.home, search.at_home = str(source.homepage), partial(self._shared.homes.__setitem__, key)

    def _ask_others(self, search: QuoteSearch, citation: Citation) -> None:
        """Lets a search that knows no account ask Wikidata for it, then the network itself where it can be asked, each name once a run
        (searches that are under way together ask each), `NAMES_MAX` times at most."""
        speaker = citation.speaker
        asks = self._options.wikidata or (self._options.bearer and search.platform == "x")
        if search.cause["username"] or not speaker or not asks or self._shared.asked_names >= NAMES_MAX:
            return
        key = fold(speaker.name), search.platform
        if not key[0] or key in self._shared.looked_up:
            return
        self._shared.asked_names += 1
        kind = speaker.kind if speaker.kind in ("person", "organization") else None
        search.who = speaker.name, kind

        def learnt(found: wikidata.Found | None, record: str | None) -> None:
            self._shared.looked_up[key] = (found, record) if found and record else None

        search.learnt = learnt
