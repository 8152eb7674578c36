"""Articles over several URLs, put together for readers: each page is a document of its own, with its own capture.

Belongs here: the order of pages by what each says of its neighbours. How pages are told is `archiver.extract.pages`' matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from archiver.models import Article
from archiver.urls import canonical, surt_key


def pages_in_order(article: Article, articles: Iterable[Article]) -> list[Article]:
    """The pages of `article` that are among `articles`, each in its newest capture, first page first; `[article]` if it has but one."""
    if article.pagination is None:
        return [article]
    newest: dict[str, Article] = {}
    for one in articles:
        if one.pagination is not None:
            for key in {_key(one.url), _key(one.requested_url)}:
                known = newest.get(key)
                newest[key] = one if known is None or one.capture.fetch_time >= known.capture.fetch_time else known
    pages = [article]
    _extend(pages, newest, forward=True)
    pages.reverse()
    _extend(pages, newest, forward=False)
    pages.reverse()
    return pages


def _extend(pages: list[Article], newest: dict[str, Article], *, forward: bool) -> None:
    seen = {page.id for page in pages}
    while place := pages[-1].pagination:
        url = place.next if forward else place.previous
        found = newest.get(_key(url)) if url else None
        if found is None or found.id in seen:
            return
        seen.add(found.id)
        pages.append(found)


def _key(url: str) -> str:
    return surt_key(canonical(url))
