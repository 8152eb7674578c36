"""The demo newspaper, looked at while it is there, then archived, then gone: what is left is the archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.demo import GALLERY, DemoNewspaper
from tests.browser.looking import Browser, Look, need_chromium
from tests.e2e.conftest import prepare
from tests.e2e.kit import archiver
from tests.replaying import need_pywb, replaying

NO_PAGE = {
    "redirect-loop": "leads nowhere",
    "redirect-to-private": "leads where no archive may go",
    "redirect-to-metadata": "leads where no archive may go",
    "robots-disallowed": "is never asked for",
    "zip-bomb": "is cut at the archive's limit, and fills a browser's memory",
    "huge-page": "is cut at the archive's limit, and fills a browser's memory",
    "never-ending": "is never there",
    "stalled-body": "is never there",
    "stalled-head": "is never there",
    "drip": "is never there",
    "gzip-lie": "is refused by browsers: it is not the gzip that it claims to be",
    "bad-chunk": "is refused by browsers: a chunk has no size",
    "bad-status-line": "is no HTTP; the browser shows head and all as text, where no replay tool sees a response",
    "hang-up": "has no byte",
    "deep-nesting": "has no one picture: a busy browser lays a hundred thousand nested elements out now so, now so",
}
"""Pages of the gallery that nobody can see, or never twice alike, and why. All others are compared."""


@pytest.fixture(scope="session")
def chromium() -> str:
    return need_chromium()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with Browser(chromium) as running:
        yield running


@dataclass(frozen=True)
class Kept:
    """An archive whose origin is gone. `live`: how each page looked, by URL."""

    folder: Path
    live: dict[str, Look]

    @property
    def store(self) -> Path:
        return self.folder / "archive"

    @property
    def archive(self) -> Archive:
        return Archive(self.store)

    def moment(self, url: str) -> str:
        """The newest capture of a page, as 14 digits; a good one, where there is one."""
        captures = self.archive.captures(url)
        good = [capture for capture in captures if capture.status == 200] or captures
        return f"{good[-1].pointer.fetch_time:%Y%m%d%H%M%S}"

    def named(self, names: Iterable[str]) -> set[str]:
        """The URLs of pages of the gallery."""
        return {url for url in self.live for name in names if url.endswith(f"/gallery/{name}")}


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Kept:
    """Every page of the demo newspaper: articles by a crawl; home and section pages and the gallery by their URLs.

    The gallery's list of slow pages is none of them: `/gallery/slow/` and the page `/gallery/slow` are one URL to an index by SURT.
    """
    folder = tmp_path_factory.mktemp("kept")
    assert set(NO_PAGE) < set(GALLERY)
    with DemoNewspaper(slow_seconds=0.5) as newspaper:
        prepare(folder, newspaper)
        articles = [site.edition.url(piece.path) for site in newspaper.sites for piece in site.edition.pieces]
        sections = [site.edition.url(f"/section/{name}/") for site in newspaper.sites for name in site.edition.sections]
        gallery = [newspaper.sites[0].edition.url(f"/gallery/{name}") for name in ("", *GALLERY) if name not in NO_PAGE]
        others = [*(site.edition.url("/") for site in newspaper.sites), *sections, *gallery]
        origins = [outlet.base_url for outlet in newspaper.outlets]
        live = browser.look([*articles, *others], origins)
        # Every second time this one is well.
        live += browser.look([url for url in gallery if url.endswith("/server-error")], origins)
        assert archiver("crawl", "--all", cwd=folder).returncode == 0
        assert archiver("capture", *others, cwd=folder).returncode == 0
    return Kept(folder, {one.url: one for one in live})


@pytest.fixture(scope="session")
def replay(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`archiver replay` over that archive; TIMESTAMP14mp_/URL follows the address."""
    need_pywb()
    folder = tmp_path_factory.mktemp("replay")
    with replaying(kept.store, "--state", str(folder / "state"), cwd=folder) as served:
        yield served
