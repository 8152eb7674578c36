"""Cards and generated pages in replay: what an archivist sees where the platform's widget cannot be trusted.

One post is gone, and its neighbour, whose id begins with the same digits, is there. A widget's question about the first is answered by
replay tools with the second; a card never is.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from archiver.archive import Archive
from archiver.cards import card_name, page_name
from archiver.cards.words import STATUSES, VERDICTS
from archiver.cli.demo import ACCOUNTS, STORY_DAY
from archiver.demo import DemoNewspaper
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.demo.platforms.posts import demo_posts
from archiver.demo.server import edition_clock
from tests.browser.looking import Browser, Look
from tests.e2e.kit import Server, archiver, ok
from tests.e2e.networks import WHEN, configure, linked, story
from tests.replaying import get, need_pywb, replaying

PICTURE = Path(__file__).parents[2] / "docs" / "replay.png"
GONE, THERE = "199000000000000007", "1990000000000000070"
ROBOTS = ok("", status="404 Not Found")


def fake(native_id: str, text: str, **more: object) -> FakePost:
    return FakePost("x", native_id, "harbour", "Harbour Desk", text, WHEN, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Cited:
    """The archive of an article that cites both (`url`), and of the demo's story (`story`); `replay` is where it is served."""

    store: Path
    url: str
    story: str
    replay: str

    def at(self, name: str) -> str:
        return f"{self.replay}2026mp_/{name}"


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cited]:
    need_pywb()
    folder = tmp_path_factory.mktemp("cited")
    posts = [
        *demo_posts(edition_clock(), STORY_DAY),
        fake(GONE, "I was never here.", state="deleted"),
        fake(THERE, "I am the neighbour.", language="ar", media=("harbour",)),
    ]
    page = story(*(linked(f"https://x.com/harbour/status/{native_id}") for native_id in (GONE, THERE)))
    answers = {"/robots.txt": ROBOTS, "/news/1": ok(page)}
    with DemoNewspaper() as paper, FakePlatforms(posts=posts) as networks, Server(answers) as server:
        configure(folder, networks, accounts=[ACCOUNTS], requisites=True)
        pieces = [piece.path for piece in paper.sites[0].edition.pieces if "drone-pact" in piece.slug]
        told = paper.sites[0].edition.url(pieces[0])
        done = archiver("capture", f"{server.base}/news/1", told, cwd=folder)
        assert done.returncode == 0, done.stderr.decode()
        url = f"{server.base}/news/1"
    with replaying(folder / "archive", "--state", str(folder / "state"), cwd=folder) as replay:
        yield Cited(folder / "archive", url, told, replay)


def test_a_card_is_served_under_its_name_and_no_neighbours(cited: Cited) -> None:
    gone, there = (get(cited.at(card_name("x", native_id))) for native_id in (GONE, THERE))
    assert (gone.status, there.status) == (200, 200)
    assert STATUSES["deleted"][1] in gone.text and "neighbour" not in gone.text
    assert "I am the neighbour." in there.text
    for absent in (GONE[:-1], THERE + "1", "1"):
        assert get(cited.at(card_name("x", absent))).status == 404


@pytest.fixture(scope="module")
def seen(cited: Cited, browser: Browser) -> list[Look]:
    names = [page_name(cited.url), card_name("x", GONE), card_name("x", THERE)]
    return browser.look([cited.at(name) for name in names], [cited.replay.rsplit("/", 2)[0]])


def test_the_generated_page_shows_article_and_cards_with_nothing_lost(seen: list[Look]) -> None:
    for look in seen:
        assert (look.lost, look.leaked, look.blank) == ([], [], []), look.url
    page, gone, there = seen
    assert "Posts about the harbour" in page.text
    assert STATUSES["deleted"][1] in page.text and "I am the neighbour." in page.text
    assert "I am the neighbour." not in gone.text
    assert there.images and there.images == page.images, "the neighbour's picture comes out of the archive"


def test_the_page_that_show_writes_needs_nothing_else(cited: Cited, browser: Browser, tmp_path: Path) -> None:
    done = archiver("show", cited.url, "--html", "--store", cited.store, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    (tmp_path / "page.html").write_bytes(done.stdout)
    address = (tmp_path / "page.html").as_uri()
    (look,) = browser.look([address], [address])
    assert (look.lost, look.leaked, look.blank) == ([], [], [])
    assert len(look.images) == 1
    assert "I am the neighbour." in look.text


def test_the_readmes_screenshot_is_what_an_archivist_sees(cited: Cited, browser: Browser, tmp_path: Path) -> None:
    """The story as it replays, and its generated page; `make screenshot` keeps the picture as docs/replay.png."""
    root = cited.replay.rsplit("/", 2)[0]
    page, made = browser.look([cited.at(cited.story), cited.at(page_name(cited.story))], [root])
    assert VERDICTS["verbatim"] in made.text
    shot = side_by_side(page.picture, made.picture, made.top)
    assert len(shot) < 150_000
    if os.environ.get("ARCHIVER_SCREENSHOT"):
        PICTURE.write_bytes(shot)
    with Image.open(io.BytesIO(shot)) as new, Image.open(PICTURE) as shown:
        assert new.size == shown.size, "docs/replay.png: make screenshot"


def side_by_side(page: bytes, made: bytes, top: int, width: int = 1280, height: int = 1500) -> bytes:
    """The top of one picture beside a part of the other, small enough for a page that people read."""
    sheet = Image.new("RGB", (2 * width + 20, height), (120, 130, 140))
    for number, (picture, start) in enumerate(((page, 0), (made, top))):
        with Image.open(io.BytesIO(picture)) as whole:
            sheet.paste(whole.convert("RGB").crop((0, start, width, start + height)), (number * (width + 20), 0))
    sink = io.BytesIO()
    sheet.resize((1032, 600), Image.Resampling.LANCZOS).quantize(64).save(sink, "PNG", optimize=True)
    return sink.getvalue()


def test_documents_do_not_depend_on_cards_and_cards_come_out_again(cited: Cited, tmp_path: Path) -> None:
    copy = shutil.copytree(cited.store, tmp_path / "copy")
    (cards,) = copy.glob("warc/cards/*/*.warc.gz")
    was = cards.read_bytes()
    cards.write_bytes(was[:-100])
    assert archiver("check", "--store", copy, cwd=tmp_path).returncode == 5
    assert len(list(Archive(copy).articles())) == 2
    done = archiver("extract", "--archive", copy, cwd=cited.store.parent)
    assert done.returncode == 0, done.stderr.decode()
    assert cards.read_bytes() == was
    assert archiver("check", "--store", copy, cwd=tmp_path).returncode == 0
