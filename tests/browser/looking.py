"""Pages in a real browser: what they look like, and every request that failed or went where it should not.

Belongs here: means, no expectations. The browser is the distribution's Chromium, driven by Playwright, which is another way in than
the program's own; it resolves no name, so nothing but loopback can be reached.
"""

from __future__ import annotations

import asyncio
import io
import re
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.async_api import TimeoutError as PlaywrightTimeout
from playwright.async_api import async_playwright

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
AT_ONCE = 4
TRIES = 3
WINDOW = {"width": 1280, "height": 6000}
"""Higher than any page: a window that grows for a picture makes pages ask for other images."""

DIFFERENT_MAX = 0.01
"""Of a picture's pixels."""

PAGE_MAX = 60_000
"""Milliseconds."""

LOOK = """
async () => {
  await document.fonts.ready;
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  const seen = [...document.images].filter(image => image.currentSrc);
  return {
    images: seen.map(image => [image.naturalWidth, image.naturalHeight]),
    blank: seen.filter(image => !(image.complete && image.naturalWidth)).map(image => image.currentSrc),
    fonts: [...document.fonts].map(font => `${font.family} ${font.weight} ${font.style} ${font.status}`).sort(),
    text: document.body.innerText,
    height: Math.max(1, document.body.scrollHeight),
    top: document.querySelector("section") ? document.querySelector("section").getBoundingClientRect().top : 0,
  };
}
"""


def need_chromium() -> str:
    """The path of the browser; skips the test where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium fonts-dejavu-core")
    return path


ABORTED = "net::ERR_ABORTED"


@dataclass
class Look:
    """What a page looked like. `lost`: answers of 400 and more and failed requests; `leaked`: requests to other origins; `top`: where
    its first section begins; `broken_off`: the browser gave up a style or script that it had asked for, as it does when it is busy."""

    url: str
    picture: bytes = b""
    images: list[tuple[int, int]] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)
    text: str = ""
    top: int = 0
    lost: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    broken_off: bool = False


class Browser:
    """One Chromium for all tests. Use as a context manager; `look` opens pages, some at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Browser:
        self._loop.run_until_complete(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._stop())
        self._loop.close()

    async def _start(self) -> None:
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(executable_path=self._path, args=CHROMIUM)

    async def _stop(self) -> None:
        await self._browser.close()
        await self._playwright.stop()

    def look(
        self, urls: Sequence[str], allowed: Sequence[str], opener: Opener | None = None, viewer: str = "(?!)"
    ) -> list[Look]:
        """Each page in turn. `allowed`: beginnings of URLs that may be asked for; `viewer`: a pattern of those that are no part of the
        page but of the program that shows it."""
        own = re.compile(viewer)
        return self._loop.run_until_complete(self._all(urls, tuple(allowed), opener or open_page, own))

    def run(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        """`work` with the browser itself."""
        return self._loop.run_until_complete(work(self._browser))

    async def _all(
        self, urls: Sequence[str], allowed: tuple[str, ...], opener: Opener, viewer: re.Pattern[str]
    ) -> list[Look]:
        turns = asyncio.Semaphore(AT_ONCE)
        context = await self._browser.new_context(viewport=WINDOW)
        context.set_default_timeout(PAGE_MAX)

        async def one(url: str) -> Look:
            async with turns:
                for left in reversed(range(TRIES)):
                    try:
                        seen = await look(context, url, allowed, opener, viewer)
                    except (TimeoutError, PlaywrightTimeout):  # a busy machine
                        if not left:
                            raise
                        continue
                    if not seen.broken_off:
                        break
                return seen

        try:
            first = [await one(url) for url in urls[:1]]  # installs the viewer's service worker, where there is one
            return first + list(await asyncio.gather(*map(one, urls[1:])))
        finally:
            await context.close()


Opener = Callable[[Any, str], Awaitable[Any]]
"""Opens a URL in a page; the frame that holds what is looked at."""


async def open_page(page: Any, url: str) -> Any:
    await page.goto(url, wait_until="networkidle", timeout=PAGE_MAX)
    return page.main_frame


async def look(context: Any, url: str, allowed: tuple[str, ...], opener: Opener, viewer: re.Pattern[str]) -> Look:
    seen, page = Look(url), await context.new_page()
    cancelled: list[str] = []

    def answered(response: Any) -> None:
        if response.status >= 400 and not viewer.match(response.url):
            seen.lost.append(f"{response.status} {response.url}")

    def failed(request: Any) -> None:
        if viewer.match(request.url):
            return
        (cancelled if request.failure == ABORTED else seen.lost).append(request.url)
        seen.broken_off |= request.failure == ABORTED and request.resource_type in ("stylesheet", "script", "font")

    page.on("response", answered)
    page.on("requestfailed", failed)
    page.on("request", lambda r: None if r.url.startswith((*allowed, "data:", "blob:")) else seen.leaked.append(r.url))
    try:
        frame = await opener(page, url)
        found = await frame.evaluate(LOOK)
        await page.wait_for_load_state("networkidle")
        # A page may change its mind about an image while it is laid out; what it no longer wanted must be there all the same.
        for wanted in cancelled:
            if not await frame.evaluate("url => fetch(url).then(answer => answer.ok, () => false)", wanted):
                seen.lost.append(f"cancelled, and not there: {wanted}")
        seen.picture = await page.screenshot(clip={"x": 0, "y": 0, "width": WINDOW["width"], "height": found["height"]})
        seen.images, seen.fonts = [tuple(size) for size in found["images"]], found["fonts"]
        seen.blank, seen.text, seen.top = found["blank"], found["text"], int(found["top"])
        return seen
    finally:
        await page.close()


def troubles(was: Look, seen: Look) -> list[str]:
    """In what a replayed page differs from the live one: one sentence each. A page that is an error by its own status has it again."""
    own = [one.split()[0] for one in was.lost if one.endswith(f" {was.url}")]
    status = [one for one in seen.lost if own and one.startswith(f"{own[0]} ") and one.endswith(f"/{was.url}")]
    lost = [one for one in seen.lost if one not in status]
    found = [] if bool(status) == bool(own) else [f"its status is not {own[0]} any more"]
    found += [
        f"{name} {what}" for name, what in (("lost", lost), ("leaked", seen.leaked), ("blank", seen.blank)) if what
    ]
    if (seen.images, seen.fonts) != (was.images, was.fonts):
        found.append(f"images {was.images}, {seen.images}; fonts {was.fonts}, {seen.fonts}")
    if (share := difference(was.picture, seen.picture)) >= DIFFERENT_MAX:
        found.append(f"{share:.2%} of its pixels differ")
    return found


def difference(one: bytes, other: bytes) -> float:
    """The share of pixels that differ between two pictures, 1.0 when their sizes do."""
    first, second = (Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other))
    if first.size != second.size:
        return 1.0
    changed = ImageChops.difference(first, second).convert("L").point(lambda value: 255 if value else 0)
    return changed.histogram()[255] / (first.size[0] * first.size[1])
