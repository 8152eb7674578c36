"""Pictures and films of posts: captured with the post, and named in its document only where the medium itself came."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.models.post import Post
from tests.e2e.kit import Server, archiver, ok, posts_come_again
from tests.e2e.networks import WHEN, configure, linked, story

DID = "did:plc:abcdefghijklmnopqrstuvwx"
FILM, ELSEWHERE = (
    FakePost("bluesky", f"{DID}/3m4xdemo{key}0k2t", "someone", "Some One", f"A film {key}", WHEN, video=video)
    for key, video in (("a", "bafkreifilm"), ("b", "bafkreielsewhere"))
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    links = [f"https://bsky.app/profile/{DID}/post/{post.native_id.rpartition('/')[2]}" for post in (FILM, ELSEWHERE)]
    page = story(*map(linked, links))
    with FakePlatforms(posts=[FILM, ELSEWHERE]) as networks, Server({"/story": ok(page)}) as server:
        configure(folder, networks)
        config = folder / "archiver.toml"
        # On the wire the blob's server is another public host; here it is another address of this machine.
        config.write_text(config.read_text() + '\n[network]\nallow = ["127.0.0.0/8"]\n')
        run = archiver("capture", f"{server.base}/story", cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
    return folder


def document(folder: Path, post: FakePost) -> Post:
    (found,) = [one for one in Archive(folder / "archive").posts() if one.native_id == post.native_id]
    return found


def test_a_blob_is_followed_to_the_server_that_keeps_it(folder: Path) -> None:
    (medium,) = document(folder, FILM).media
    assert (medium.type, medium.media_type) == ("video", "video/mp4")
    archive = Archive(folder / "archive")
    (kept,) = [one for one in archive.captures(medium.url) if one.status == 302]
    assert medium.record_id and medium.record_id != kept.pointer.warc_record_id


def test_an_answer_that_is_no_medium_is_not_called_one(folder: Path) -> None:
    (medium,) = document(folder, ELSEWHERE).media
    assert [one.status for one in Archive(folder / "archive").captures(medium.url)] == [400], "kept as evidence"
    assert (medium.record_id, medium.sha256) == (None, None)


def test_it_all_comes_out_of_the_warcs_again(folder: Path, tmp_path: Path) -> None:
    posts_come_again(folder / "archive", tmp_path)
