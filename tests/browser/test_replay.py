"""Every page of the demo newspaper through pywb, in a real browser, after its origin is gone."""

from __future__ import annotations

from tests.browser.conftest import Kept
from tests.browser.looking import Browser, troubles

CANNOT = {
    "noarchive": "may not be shown",
    "zstd-unasked": "pywb cannot read zstd, so it hands on the bytes with its own before them",
}
"""Pages of the gallery that pywb cannot show as they were, and why. One that it can show by now has to leave this list."""


def test_every_page_replays_as_it_was(browser: Browser, kept: Kept, replay: str) -> None:
    root, cannot = replay.rsplit("/", 2)[0], kept.named(CANNOT)
    pages = {f"{replay}{kept.moment(url)}/{url}": look for url, look in kept.live.items()}
    assert len(pages) > 90 and len(cannot) == len(CANNOT)
    wrong = []
    for seen in browser.look(list(pages), [root]):
        was = pages[seen.url]
        found = troubles(was, seen)
        if bool(found) != (was.url in cannot):
            wrong.append(f"{was.url}: {found or 'can be shown by now'}")
    assert not wrong, "\n".join(wrong)
