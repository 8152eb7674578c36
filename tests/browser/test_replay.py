"""Every page of the demo newspaper through pywb, in a real browser, after its origin is gone."""

from __future__ import annotations

from tests.browser.conftest import Kept
from tests.browser.looking import Browser, difference


def test_every_page_replays_as_it_was(browser: Browser, kept: Kept, replay: str) -> None:
    root = replay.rsplit("/", 2)[0]
    pages = {f"{replay}{kept.moment(url)}/{url}": look for url, look in kept.live.items()}
    assert len(pages) > 40
    troubles = []
    for seen in browser.look(list(pages), [root]):
        was = pages[seen.url]
        if seen.lost or seen.leaked or seen.blank:
            troubles.append((was.url, "lost", seen.lost, "leaked", seen.leaked, "blank", seen.blank))
        if (seen.images, seen.fonts) != (was.images, was.fonts):
            troubles.append((was.url, "images", was.images, seen.images, "fonts", was.fonts, seen.fonts))
        if (share := difference(was.picture, seen.picture)) >= 0.01:
            troubles.append((was.url, f"{share:.2%} of its pixels differ"))
    assert not troubles, "\n".join(map(str, troubles))
