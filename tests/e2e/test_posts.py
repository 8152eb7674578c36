"""Cited posts of the demo newspaper, from the page to the verdict, through the real command and the fake networks."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archiver.archive import Archive
from archiver.cli.demo import ACCOUNTS, STORY_DAY
from archiver.demo import DemoNewspaper, write_sources
from archiver.demo.platforms import FakePlatforms
from archiver.models import Article
from archiver.models.article import Citation
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from tests.e2e.kit import Server, archiver, everything, manifests, ok, spooled_lines, start
from tests.e2e.networks import configure, record_ids, stored, story, x_post
from tests.e2e.networks import embed as embed_of

Cited = tuple[Article, Citation, Resolution | None, Post | None]
PRINTED = "For the first time, Pakistan acknowledged that it cannot break its agreement with the US"
POSTED = "For the first time, Pakistan admitted during these negotiations that it has an agreement"


@dataclass(frozen=True)
class Story:
    """`folder` holds archiver.toml, sources/ and archive/; `run` is the finished command."""

    folder: Path
    run: subprocess.CompletedProcess[bytes]

    @property
    def store(self) -> Path:
        return self.folder / "archive"

    def cited(self) -> list[Cited]:
        archive = Archive(self.store)
        return [(article, *known) for article in archive.articles() for known in archive.citations(article)]

    def one(self, platform: str, words: str) -> Cited:
        """The citation whose printed words begin so."""
        found = [
            known
            for known in self.cited()
            if known[1].platform == platform
            and ((known[1].quote and known[1].quote.text) or known[1].embedded_text or "").startswith(words)
        ]
        assert len(found) == 1, words
        return found[0]


@pytest.fixture(scope="session")
def networks() -> Iterator[FakePlatforms]:
    with FakePlatforms(story_day=STORY_DAY) as running:
        yield running


@pytest.fixture(scope="session")
def cited(tmp_path_factory: pytest.TempPathFactory, newspaper: DemoNewspaper, networks: FakePlatforms) -> Story:
    folder = tmp_path_factory.mktemp("cited")
    write_sources(folder / "sources", {outlet.id: outlet.base_url for outlet in newspaper.outlets})
    configure(folder, networks, accounts=[ACCOUNTS])
    return Story(folder, archiver("crawl", "--all", "--json", cwd=folder))


def test_the_crawl_with_posts_ends_well(cited: Story) -> None:
    assert cited.run.returncode == 0, cited.run.stderr.decode()
    assert cited.run.stderr == b""
    run = manifests(cited.store)[0]
    assert run["posts"] == len(stored(cited.store, "posts")) > 0


def test_an_embedded_post_on_x_is_verbatim_and_its_film_is_captured(cited: Story) -> None:
    _, citation, resolution, post = cited.one("x", "BREAKING: cables of the third Bosphorus")
    assert resolution and post
    assert (citation.kind, resolution.status, resolution.verdict) == ("embed", "embedded", "verbatim")
    assert (post.status, post.text_basis, post.author.username) == ("captured", "syndication", "demo_straitwx")
    assert all(medium.record_id and medium.sha256 for medium in post.media)
    assert {medium.type for medium in post.media} == {"video"}


def test_an_embedded_post_on_bluesky_is_verbatim_and_its_picture_is_captured(cited: Story) -> None:
    _, citation, resolution, post = cited.one("bluesky", "There is a smudge near NGC 2419")
    assert resolution and post
    assert (citation.kind, resolution.status, resolution.verdict) == ("embed", "embedded", "verbatim")
    assert post.status == "captured"
    assert [bool(medium.record_id) for medium in post.media] == [True]


def test_a_linked_post_is_found_by_its_link(cited: Story) -> None:
    _, citation, resolution, post = cited.one("x", "a loving tribute")
    assert resolution and post
    assert (citation.kind, resolution.status, resolution.verdict) == ("link", "linked", "verbatim")
    assert post.text and post.text.endswith("https://www.example.com/soft-floors/andkhoy")
    assert [bool(medium.record_id) for medium in post.media] == [True]


@pytest.mark.parametrize(
    ("language", "username", "words"),
    [
        ("fa", "demo_baharsoheili", "شهری که برای آب چاه می‌کند"),
        ("ps", "demo_kandaharfruit", "موږ د سیاست په بیه انار"),
        ("ur", "demo_hinadar", "لاہور میں اب سورج کی خبر"),
        ("ar", "demo_reemtlili", "القطار الذي يصل متأخرًا"),
    ],
)
def test_a_quotation_without_a_link_is_resolved(cited: Story, language: str, username: str, words: str) -> None:
    _, citation, resolution, post = cited.one("x", words)
    assert resolution and post
    assert citation.url is None
    assert (resolution.status, resolution.verdict) == ("resolved_text", "verbatim")
    assert (post.author.username, post.language, post.status) == (username, language, "captured")
    assert resolution.provenance.record_ids


def test_the_seed_storys_reworded_quotation_is_a_candidate_and_never_found(cited: Story) -> None:
    article, citation, resolution, post = cited.one("x", PRINTED)
    assert resolution
    assert citation.speaker and citation.speaker.name == "TOLO News"
    assert resolution.status in ("ambiguous", "candidate_paraphrase")
    assert resolution.verdict == "paraphrase"
    assert resolution.post_id is None
    assert post is None
    assert any((candidate.text or "").startswith(POSTED) for candidate in resolution.candidates)
    assert resolution.match
    assert {part.op for part in resolution.match.diff} > {"equal"}
    shown = archiver("show", article.url, "--store", cited.store, cwd=cited.folder).stdout.decode()
    assert "reworded" in shown
    assert POSTED in shown


def test_the_seed_storys_verbatim_quotation_is_found_with_its_post(cited: Story) -> None:
    article, citation, resolution, post = cited.one("x", "Pakistan admitting US conducts drone strikes")
    assert resolution and post and post.capture
    assert citation.url is None
    assert (resolution.status, resolution.verdict) == ("resolved_text", "verbatim")
    assert (post.author.username, post.status) == ("alibomaye", "captured")
    assert resolution.post_id == post.id
    assert Archive(cited.store).capture(post.capture).status == 200
    shown = archiver("show", article.url, "--store", cited.store, cwd=cited.folder).stdout.decode()
    assert "resolved_text: printed word for word" in shown
    assert post.capture.warc_filename in shown


def test_show_as_json_gives_article_resolutions_and_posts(cited: Story) -> None:
    article = cited.one("x", PRINTED)[0]
    run = archiver("show", article.url, "--json", "--store", cited.store, cwd=cited.folder)
    kinds = [json.loads(line)["record_type"] for line in run.stdout.splitlines()]
    assert kinds[0] == "article"
    assert kinds.count("resolution") == len(article.citations)
    assert "post" in kinds


def test_every_document_is_valid_by_the_schema_that_lies_beside_it(cited: Story) -> None:
    for kind in ("post", "resolution"):
        schema = json.loads((cited.store / f"schemas/{kind}.v1.json").read_bytes())
        validator = jsonschema.Draft202012Validator(schema)
        found = stored(cited.store, f"{kind}s")
        assert found
        for document in found:
            validator.validate(document)


def test_every_record_that_a_document_names_is_in_a_warc(cited: Story) -> None:
    known = record_ids(cited.store)
    for document in [*stored(cited.store, "posts"), *stored(cited.store, "resolutions")]:
        assert set(_named(document)) <= known


def _named(value: Any) -> Iterator[str]:
    """Every record id in a document."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name.endswith("record_id") and isinstance(part, str):
                yield part
            elif name == "record_ids":
                yield from part
            else:
                yield from _named(part)
    elif isinstance(value, list):
        for part in value:
            yield from _named(part)


def test_every_citation_has_exactly_one_resolution(cited: Story) -> None:
    articles = list(Archive(cited.store).articles())
    wanted = {(article.version_id, number) for article in articles for number, _ in enumerate(article.citations)}
    found = [(r["article_version_id"], r["citation_index"]) for r in stored(cited.store, "resolutions")]
    assert sorted(found) == sorted(wanted)


def test_the_archive_with_posts_passes_the_check(cited: Story) -> None:
    run = archiver("check", "--store", cited.store, cwd=cited.folder)
    assert run.returncode == 0, run.stdout.decode()


def test_deleted_posts_and_resolutions_come_back_byte_for_byte(cited: Story, tmp_path: Path) -> None:
    store = shutil.copytree(cited.store, tmp_path / "archive")
    before = {name: content for name, content in everything([store]).items() if "/.spool/" not in name}
    for kind in ("articles", "posts", "resolutions"):
        shutil.rmtree(store / kind)
    run = archiver("extract", "--archive", store, "--sources", cited.folder / "sources", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    after = {name: content for name, content in everything([store]).items() if "/.spool/" not in name}
    assert after == before
    assert b" 0 from what the manifests listed" in run.stderr


# The course of a run


def test_an_article_is_not_held_back_by_its_posts(tmp_path: Path) -> None:
    page = story(embed_of(1, "Words that the article shows"), *(embed_of(n, f"Words {n}") for n in range(2, 6)))
    posts = [x_post(number, "slow") for number in range(1, 6)]
    with FakePlatforms(posts=posts, slow_seconds=30) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks, timeout="20s")
        process = start("capture", f"{server.base}/story", cwd=tmp_path)
        spool, ends = tmp_path / "archive/.spool", time.monotonic() + 15
        while not list(spooled_lines(spool)) and time.monotonic() < ends:
            time.sleep(0.05)
        waiting = process.poll() is None
        documents = list(spooled_lines(spool))
        process.kill()
        process.communicate()
    assert waiting
    assert [len(document["citations"]) for document in documents] == [5]


def test_a_run_killed_while_it_asks_for_posts_is_published_whole(tmp_path: Path) -> None:
    page = story(*(embed_of(number, f"Words {number}") for number in range(1, 30)))
    posts = [x_post(number, "slow" if number in (12, 20, 25) else "visible") for number in range(1, 30)]
    with FakePlatforms(posts=posts, slow_seconds=30) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks, timeout="20s")
        process = start("capture", f"{server.base}/story", cwd=tmp_path)
        ends = time.monotonic() + 20
        while not _waits_for_slow(networks) and time.monotonic() < ends:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    store = tmp_path / "archive"
    run = archiver("publish", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    posts_found = stored(store, "posts")
    assert {post["status"] for post in posts_found} == {"captured"}
    assert 5 < len(posts_found) < 26
    assert {post["capture"]["warc_record_id"] for post in posts_found} <= record_ids(store)
    resolutions = stored(store, "resolutions")
    assert len(resolutions) == 29
    assert {r["verdict"] for r in resolutions if r["post_id"] in {post["id"] for post in posts_found}} <= {
        "altered",
        "paraphrase",
    }
    assert archiver("check", "--store", store, cwd=tmp_path).returncode == 0
    before = everything([store / "posts", store / "resolutions"])
    assert archiver("extract", "--archive", store, cwd=tmp_path).returncode == 0
    assert everything([store / "posts", store / "resolutions"]) == before


def _waits_for_slow(networks: FakePlatforms) -> bool:
    """Whether some posts were answered for, and one that is slow is being asked for."""
    asked = [request.target for request in networks.asked("x.syndication")]
    return len(asked) > 5 and any(f"id={x_post(number).native_id}" in asked[-1] for number in (12, 20, 25))


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("posts", 'status":"captured"', 'state":"captured"'),
        ("posts", '"warc_record_offset":', '"warc_record_offset":1'),
        ("resolutions", '"warc_record_offset":', '"warc_record_offset":1'),
    ],
)
def test_the_check_finds_damaged_posts_and_resolutions(
    cited: Story, tmp_path: Path, kind: str, old: str, new: str
) -> None:
    store = shutil.copytree(cited.store, tmp_path / "archive")
    key = next(file["key"] for file in manifests(store)[0]["files"] if file["key"].startswith(f"{kind}/"))
    spoil(store, key, old, new)
    run = archiver("check", "--full", "--store", store, cwd=tmp_path)
    assert run.returncode == 5, run.stdout.decode()
    assert key.encode() in run.stdout or b" pointer (error)" in run.stdout


def spoil(store: Path, key: str, old: str, new: str) -> None:
    """Changes a document and vouches for the change in manifest and _SUCCESS: only what it says is wrong then."""
    content = gzip.compress(gzip.decompress((store / key).read_bytes()).replace(old.encode(), new.encode()))
    (store / key).write_bytes(content)
    (mark,) = store.glob("runs/*/*/_SUCCESS")
    path = mark.with_name("manifest.json")
    manifest = json.loads(path.read_bytes())
    for file in manifest["files"]:
        if file["key"] == key:
            file.update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    path.write_text(json.dumps(manifest))
    mark.write_text(f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
