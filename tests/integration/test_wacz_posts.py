"""What a package's index says of cited X posts: a player that scores likeness may not be led to a neighbour."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from archiver.archive import Archive
from archiver.index import update_index
from archiver.layout import run_key, segment_name
from archiver.models import Exchange, Role, RunFile, RunManifest
from archiver.models.hints import ExtractHints
from archiver.models.post import Post, PostProvenance
from archiver.parts import pack
from archiver.replay import hidden_of
from archiver.replay.needs import Shelf
from archiver.replay.wacz import Choice
from archiver.store import FolderStore
from archiver.warc import WarcWriter, read_captures
from archiver.work import extract_capture, is_article_capture
from tests.e2e.kit import archiver
from tests.unit.making import INFO, NOON, RUN, answer, exchange, page

ONE, OTHER = "198682147644715827", "1986821476447158273"
ARTICLE = "https://example.org/news/1"
WIDGETS = "https://platform.twitter.com/widgets.js"
RESULT = "https://cdn.syndication.twimg.com/tweet-result"
USUAL = "features=tfw_a%3Aon"

EMBEDS = "".join(
    f'<blockquote class="twitter-tweet"><p>Post {id_} about the harbour</p>&mdash; Desk (@desk) '
    f'<a href="https://twitter.com/desk/status/{id_}">May 1, 2026</a></blockquote>'
    for id_ in (ONE, OTHER)
)


def result(id_: str, features: str = USUAL, status: str = "200 OK") -> Exchange:
    content = json.dumps({"id_str": id_, "text": f"Post {id_}"}).encode()
    return exchange(
        f"{RESULT}?{features}&id={id_}&lang=en&token=4t",
        answer(content, status=status, kind="application/json"),
        Role.POST,
    )


def archived(folder: Path, *posts: Exchange, accounts: Mapping[str, Sequence[str]] = {}) -> Path:
    """The store of an archive with one article, its embed script, and answers about posts. `accounts`: what a browser asked for at a
    page, as the side record of a rendered capture says it."""
    script = f'<script async src="{WIDGETS}"></script>'
    writer = WarcWriter(folder / "spool", "example", replace(INFO, run_id=RUN), clock=lambda: NOON)
    for one in (
        exchange(ARTICLE, answer(page(extra=EMBEDS + script))),
        exchange(WIDGETS, answer(b"widget()", kind="text/javascript"), Role.REQUISITE),
        *posts,
    ):
        pointer = writer.write(one)
        if asked := accounts.get(one.url):
            assert pointer
            account = {"pageid": pointer.warc_record_id.removeprefix("urn:uuid:"), "urls": {url: [] for url in asked}}
            writer.write_side(f"urn:pageinfo:{one.url}", "application/json", json.dumps(account).encode(), NOON)
    (sealed,) = writer.close()
    store, name = FolderStore(folder / "store"), segment_name(sealed.key)
    assert name
    captures = [one for one in read_captures(sealed.path, warc_filename=sealed.key) if is_article_capture(one)]
    part = pack(name.articles, [extract_capture(one, ExtractHints()).line or b"" for one in captures])
    store.put(part.file.key, part.content)
    store.put_file(name.warc, sealed.path)
    store.put_file(name.cdxj, sealed.cdxj_path)
    files = [RunFile(key=key, bytes=0, records=0, sha256="") for key in (name.warc, name.cdxj)]
    manifest = RunManifest(run_id=RUN, started=NOON, finished=NOON, software="test/1", files=[*files, part.file])
    content = manifest.model_dump_json().encode()
    day = f"{NOON:%Y-%m-%d}"
    store.put(run_key(RUN, day, "manifest.json"), content)
    store.put(run_key(RUN, day, "_SUCCESS"), f"sha256:{hashlib.sha256(content).hexdigest()}\n".encode())
    return folder / "store"


def packed(store: Path, folder: Path) -> tuple[set[str], set[str]]:
    """(URLs in the index, URLs of responses in the WARCs) of the run's package."""
    package = folder / "run.wacz"
    done = archiver("export", "wacz", "--run", RUN, "-o", package, "--store", store, cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    assert archiver("check", package, cwd=folder).returncode == 0
    indexed: set[str] = set()
    kept: set[str] = set()
    with zipfile.ZipFile(package) as opened:
        for name in opened.namelist():
            if name.endswith(".cdx.gz"):
                lines = gzip.decompress(opened.read(name)).splitlines()
                indexed |= {json.loads(line.split(b" ", 2)[2])["url"] for line in lines}
            elif name.endswith(".warc.gz"):
                with opened.open(name) as stream:
                    records = ArchiveIterator(stream, record_types=WarcRecordType.response)
                    kept |= {record.headers["WARC-Target-URI"] for record in records}
    return indexed, kept


@pytest.mark.parametrize(
    ("posts", "shown"),
    [
        ([result(ONE), result(OTHER)], True),
        ([result(ONE), result(OTHER, status="404 Not Found")], False),
        ([result(ONE), result(OTHER, "features=tfw_b%3Aon")], False),
        ([result(OTHER)], False),
    ],
    ids=["every post has an answer", "one is gone", "asked for in two ways", "one was never asked for"],
)
def test_answers_about_posts_are_indexed_only_where_none_can_stand_for_another(
    posts: list[Exchange], shown: bool, tmp_path: Path
) -> None:
    indexed, kept = packed(archived(tmp_path, *posts), tmp_path)
    answers = {one.url for one in posts}
    assert answers <= kept, "the WARC has them all"
    assert (answers & indexed) == (answers if shown else set())
    assert ARTICLE in indexed


def test_embed_scripts_are_kept_and_not_indexed(tmp_path: Path) -> None:
    """Without them the page's own quotation stays readable text."""
    indexed, kept = packed(archived(tmp_path), tmp_path)
    assert WIDGETS in kept and WIDGETS not in indexed


def test_a_post_by_itself_brings_what_a_browser_saw_at_its_page_and_at_its_embed(tmp_path: Path) -> None:
    """Its page, the embed that was asked for by its own address, and what each of them asked for; nobody else's."""
    page_of, embed_of = f"https://x.com/i/status/{ONE}", f"https://platform.twitter.com/embed/Tweet.html?id={ONE}"
    picture, other = "https://pbs.twimg.com/media/one.jpg", f"https://x.com/i/status/{OTHER}"
    seen = [exchange(url, answer(page("A post"))) for url in (page_of, embed_of, other)]
    asked = [
        exchange(url, answer(b"-", kind="image/jpeg"), Role.REQUISITE)
        for url in (picture, f"{RESULT}?{USUAL}&id={ONE}", f"{RESULT}?{USUAL}&id={OTHER}")
    ]
    accounts = {page_of: [picture], embed_of: [asked[1].url], other: [asked[2].url]}
    store = archived(tmp_path, *seen, *asked, accounts=accounts)
    archive = Archive(store)
    index = update_index(archive.store, archive.files("cdxj/"), tmp_path / "index")
    choice = Choice(Shelf(archive, index, hidden_of(archive)))
    post = Post(
        id=page_of, platform="x", native_id=ONE, url=page_of, status="captured",
        provenance=PostProvenance(parser="x/1", software="test/1"),
    )  # fmt: skip
    choice.add_post(post, [embed_of])
    found = choice.found()
    expected = {page_of, embed_of, picture, asked[1].url}
    assert {one.values["url"] for one in found} == expected | {f"urn:pageinfo:{url}" for url in (page_of, embed_of)}
    assert choice.shown(found) == found, "the only post's answer cannot stand for another"
