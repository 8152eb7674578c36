"""The demo newspaper, looked at while it is there, then archived, then gone: what is left is the archive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.demo import DemoNewspaper
from tests.browser.looking import Browser, Look, need_chromium
from tests.e2e.conftest import prepare
from tests.e2e.kit import archiver
from tests.replaying import need_pywb, replaying


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
        """The newest capture of a page, as 14 digits."""
        captures = [capture for capture in self.archive.captures(url) if capture.status == 200]
        return f"{captures[-1].pointer.fetch_time:%Y%m%d%H%M%S}"


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Kept:
    """Every page of the demo newspaper: articles by a crawl, home and section pages by their URLs."""
    folder = tmp_path_factory.mktemp("kept")
    with DemoNewspaper() as newspaper:
        prepare(folder, newspaper)
        articles = [site.edition.url(piece.path) for site in newspaper.sites for piece in site.edition.pieces]
        sections = [site.edition.url(f"/section/{name}/") for site in newspaper.sites for name in site.edition.sections]
        lists = [*(site.edition.url("/") for site in newspaper.sites), *sections]
        origins = [outlet.base_url for outlet in newspaper.outlets]
        live = browser.look([*articles, *lists], origins)
        assert archiver("crawl", "--all", cwd=folder).returncode == 0
        assert archiver("capture", *lists, cwd=folder).returncode == 0
    return Kept(folder, {one.url: one for one in live})


@pytest.fixture(scope="session")
def replay(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`archiver replay` over that archive; TIMESTAMP14mp_/URL follows the address."""
    need_pywb()
    folder = tmp_path_factory.mktemp("replay")
    with replaying(kept.store, "--state", str(folder / "state"), cwd=folder) as served:
        yield served
