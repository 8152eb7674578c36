"""The same pages out of one WACZ in replayweb.page, and what its matcher would make of a post that is gone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.browser.conftest import Kept
from tests.browser.looking import Browser, difference
from tests.browser.replayweb import VIEWER, need_replayweb, open_replayed, serving
from tests.e2e.kit import archiver


@pytest.fixture(scope="module")
def package(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_replayweb()
    path = tmp_path_factory.mktemp("wacz") / "all.wacz"
    done = archiver("export", "wacz", "--output", path, cwd=kept.folder)
    assert done.returncode == 0, done.stderr.decode()
    return path


def test_every_page_of_a_package_replays_as_it_was(browser: Browser, kept: Kept, package: Path) -> None:
    troubles = []
    with serving(package) as origin:
        pages = {
            f"{origin}view?wacz={package.name}&ts={kept.moment(url)}&url={quote(url, safe='')}": look
            for url, look in kept.live.items()
        }
        for seen in browser.look(list(pages), [origin], open_replayed, VIEWER):
            was = pages[seen.url]
            if seen.lost or seen.leaked or seen.blank:
                troubles.append((was.url, "lost", seen.lost, "leaked", seen.leaked, "blank", seen.blank))
            if (seen.images, seen.fonts) != (was.images, was.fonts):
                troubles.append((was.url, "images", was.images, seen.images, "fonts", was.fonts, seen.fonts))
            if (share := difference(was.picture, seen.picture)) >= 0.01:
                troubles.append((was.url, f"{share:.2%} of its pixels differ"))
    assert not troubles, "\n".join(map(str, troubles))
