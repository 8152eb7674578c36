"""Every page of the demo newspaper in a real browser, after its origin is gone: through pywb, and out of one WACZ in replayweb.page.

Both stand here, since whoever runs a file looks at every live page first, which takes a minute.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.browser.conftest import Kept
from tests.browser.looking import Browser, troubles
from tests.browser.replayweb import VIEWER, need_replayweb, open_replayed, serving
from tests.e2e.kit import archiver

PYWB_CANNOT = {
    "noarchive": "may not be shown",
    "zstd-unasked": "pywb cannot read zstd, so it hands on the bytes with its own before them",
}
"""Pages of the gallery that pywb cannot show as they were, and why. One that it can show by now has to leave this list."""


def test_every_page_replays_as_it_was(browser: Browser, kept: Kept, replay: str) -> None:
    root, cannot = replay.rsplit("/", 2)[0], kept.named(PYWB_CANNOT)
    pages = {f"{replay}{kept.moment(url)}/{url}": look for url, look in kept.live.items()}
    assert len(pages) > 90 and len(cannot) == len(PYWB_CANNOT)
    wrong = []
    for seen in browser.look(list(pages), [root]):
        was = pages[seen.url]
        found = troubles(was, seen)
        if bool(found) != (was.url in cannot):
            wrong.append(f"{was.url}: {found or 'can be shown by now'}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def package(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_replayweb()
    path = tmp_path_factory.mktemp("wacz") / "all.wacz"
    done = archiver("export", "wacz", "--output", path, cwd=kept.folder)
    assert done.returncode == 0, done.stderr.decode()
    return path


PLAYER_CANNOT = {
    "noarchive": "may not be shown",
    "zstd-unasked": "the player cannot read zstd, so it hands on the bytes with its own before them",
    "utf-16": "the player writes its own words into the page in UTF-8",
    "no-charset": "the player says UTF-8, and the live page, of which nobody says it, was read as windows-1252",
    "xhtml": "the player rewrites no application/xhtml+xml, so what the page needs is asked of the player's own host",
    "bare-lf": "the player finds no end of a head whose lines end in LF alone",
}
"""Pages of the gallery that replayweb.page cannot show as they were, and why. One that it can show by now has to leave this list."""


def test_every_page_of_a_package_replays_as_it_was(browser: Browser, kept: Kept, package: Path) -> None:
    wrong, cannot = [], kept.named(PLAYER_CANNOT)
    assert len(cannot) == len(PLAYER_CANNOT)
    with serving(package) as origin:
        pages = {
            f"{origin}view?wacz={package.name}&ts={kept.moment(url)}&url={quote(url, safe='')}{_end_of(url)}": look
            for url, look in kept.live.items()
        }
        for seen in browser.look(list(pages), [origin], open_replayed, VIEWER):
            was = pages[seen.url]
            found = troubles(was, seen)
            if bool(found) != (was.url in cannot):
                wrong.append(f"{was.url}: {found or 'can be shown by now'}")
    assert not wrong, "\n".join(wrong)


def _end_of(url: str) -> str:
    """Where a page of redirects ends: the player's frame has that address in the end."""
    return f"&end={quote(f'{url}-end', safe='')}" if url.endswith("/redirect-chain") else ""
