"""Revisits in packages: a page at its exact second has the styles that it had then, whatever else the package holds.

What is tested against: replayweb.page looks for an original at or after the revisit's WARC-Refers-To-Date, and takes a payload that
it holds under a digest without the head of the record that it came from.
"""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest

from archiver.archive import Archive
from tests.browser.looking import Browser
from tests.browser.replayweb import need_replayweb, open_replayed, serving
from tests.e2e.kit import Server, archiver, article, ok, write_config
from tests.replaying import get, need_pywb, opened_by_pywb

OLD, NEW = "rgb(200, 0, 0)", "rgb(0, 0, 200)"
LONG = "/* " + "".join(sha256(bytes([number])).hexdigest() for number in range(20)) + " */"
"""Packed, still long enough to be worth a revisit."""


def styles(colour: str) -> bytes:
    """Unreadable without its head, which says that it is packed."""
    return ok(
        gzip.compress(f"h1 {{ color: {colour}; }}\n{LONG}".encode(), mtime=0), "Content-Encoding: gzip", kind="text/css"
    )


def page(name: str) -> bytes:
    return ok(article(f"A page with {name}").replace("<head>", f'<head><link rel="stylesheet" href="/{name}.css">'))


@dataclass(frozen=True)
class Restyled:
    """Two pages over four runs. Their stylesheets have the same bytes, recorded whole once each; then one of them changes."""

    package: Path
    base: str
    moments: dict[str, list[str]]

    def view(self, origin: str, path: str, number: int) -> str:
        url = self.base + path
        return f"{origin}view?wacz={self.package.name}&ts={self.moments[url][number]}&url={quote(url, safe='')}"


@pytest.fixture(scope="module")
def restyled(tmp_path_factory: pytest.TempPathFactory) -> Restyled:
    folder = tmp_path_factory.mktemp("restyled")
    write_config(folder, '[archive]\nstore = "archive"\n', delay="0s")
    answers = {
        "/robots.txt": ok("", status="404 Not Found"),
        "/one": page("a"),
        "/two": page("b"),
        "/a.css": styles(OLD),
        "/b.css": styles(OLD),
    }
    with Server(answers) as server:
        for paths in (["/one"], ["/one"], ["/two"], ["/one", "/two"]):
            if len(paths) == 2:
                answers["/a.css"] = styles(NEW)
            done = archiver("capture", *(server.base + path for path in paths), cwd=folder)
            assert done.returncode == 0, done.stderr.decode()
            time.sleep(1)  # a time is asked for by its second
        base = server.base
    archive = Archive(folder / "archive")
    kinds = {name: [one.pointer.warc_type for one in archive.captures(f"{base}/{name}.css")] for name in "ab"}
    assert kinds == {"a": ["response", "revisit", "response"], "b": ["response", "revisit"]}
    package = folder / "all.wacz"
    done = archiver("export", "wacz", "-o", package, cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    urls = [f"{base}/one", f"{base}/two"]
    moments = {url: [f"{one.pointer.fetch_time:%Y%m%d%H%M%S}" for one in archive.captures(url)] for url in urls}
    return Restyled(package, base, moments)


def colours(browser: Browser, addresses: list[str]) -> list[str]:
    """The colour of each page's headline, opened one after the other by one player."""

    async def work(running: object) -> list[str]:
        context = await running.new_context()  # type: ignore[attr-defined]
        try:
            found = []
            for address in addresses:
                frame = await open_replayed(await context.new_page(), address)
                found.append(str(await frame.evaluate("getComputedStyle(document.querySelector('h1')).color")))
            return found
        finally:
            await context.close()

    return list(browser.run(work))


def test_a_page_at_its_second_has_the_styles_of_that_time(browser: Browser, restyled: Restyled) -> None:
    """The second capture's styles are a revisit, and after it the stylesheet changed."""
    need_replayweb()
    with serving(restyled.package) as origin:
        assert colours(browser, [restyled.view(origin, "/one", number) for number in (1, 0, 2)]) == [OLD, OLD, NEW]


def test_styles_that_the_player_holds_from_elsewhere_are_styles_all_the_same(
    browser: Browser, restyled: Restyled
) -> None:
    """It has seen the bytes under another URL; the record that the revisit stands for was never asked for."""
    need_replayweb()
    with serving(restyled.package) as origin:
        assert colours(browser, [restyled.view(origin, "/one", 0), restyled.view(origin, "/two", 1)]) == [OLD, OLD]


def test_pywb_opens_each_capture_of_a_package_at_its_time(restyled: Restyled, tmp_path: Path) -> None:
    need_pywb()
    archive = Archive(restyled.package.parent / "archive")
    with opened_by_pywb(restyled.package, tmp_path) as address:
        for path in ("/a.css", "/b.css", "/one", "/two"):
            for capture in archive.captures(restyled.base + path):
                answer = get(f"{address}{capture.pointer.fetch_time:%Y%m%d%H%M%S}id_/{restyled.base}{path}")
                assert (answer.status, answer.body) == (200, archive.payload(capture)), (path, capture.pointer)
