"""No secret in any byte that a run leaves, and captures under X's developer terms in a series of their own."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from archiver.archive import Archive
from archiver.demo.platforms import Asked, FakePlatforms
from tests.e2e.kit import Server, archiver, environment, everything, manifests, ok, start
from tests.e2e.networks import configure, embed, stored, story, x_post

BEARER = "AAAAplanted%2Bbearer%3Dtoken31337"
COOKIE = "planted-cookie-4711"


@dataclass(frozen=True)
class Keyed:
    folder: Path
    run: subprocess.CompletedProcess[bytes]
    requests: list[Asked]

    @property
    def store(self) -> Path:
        return self.folder / "archive"


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    folder = tmp_path_factory.mktemp("keyed")
    posts = [
        x_post(1, media=("quay",)),
        x_post(2, "deleted"),
        x_post(3, "broken"),
        x_post(4, "drift"),
        x_post(5, "slow"),
    ]
    page = story(*(embed(number, post.text) for number, post in enumerate(posts, start=1)), '<img src="/quay.png">')
    answers = {"/story": ok(page, f"Set-Cookie: session={COOKIE}; Path=/"), "/quay.png": ok(b"png", kind="image/png")}
    with FakePlatforms(posts=posts, bearer=BEARER, slow_seconds=4) as networks, Server(answers) as server:
        configure(folder, networks, posts={"x_bearer_use": "first"}, requisites=True)
        run = archiver("capture", f"{server.base}/story", "-v", cwd=folder, POSTS_X_BEARER=BEARER)
        yield Keyed(folder, run, list(networks.requests))


def unpacked(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder as it is, and without its compression."""
    for name, content in everything([folder]).items():
        yield name, content
        if content.startswith(b"\x1f\x8b"):
            yield f"{name} (unpacked)", gzip.GzipFile(fileobj=io.BytesIO(content)).read()


def test_the_token_was_sent_and_is_nowhere(keyed: Keyed) -> None:
    assert keyed.run.returncode == 0, keyed.run.stderr.decode()
    sent = [request.headers.get("authorization") for request in keyed.requests if request.endpoint == "x.api"]
    assert sent
    assert set(sent) == {f"Bearer {BEARER}"}
    assert not [
        request for request in keyed.requests if request.endpoint != "x.api" and "authorization" in request.headers
    ]
    assert b"INFO" in keyed.run.stderr
    left = [("stdout", keyed.run.stdout), ("the log", keyed.run.stderr), *unpacked(keyed.folder)]
    assert len(left) > 10
    for name, content in left:
        assert BEARER.encode() not in content, name
        assert b"planted%2Bbearer" not in content, name


def test_the_request_record_says_that_a_token_was_blotted_out(keyed: Keyed) -> None:
    own = [path for path in keyed.store.rglob("*.warc.gz") if "x-developer" in path.name]
    with own[0].open("rb") as stream:
        requests = [
            record.reader.read()
            for record in ArchiveIterator(stream, record_types=WarcRecordType.request, parse_http=False)
        ]
    keyed_ones = [request for request in requests if b" /x.api/2/" in request]
    assert keyed_ones
    assert all(b"Authorization: REDACTED\r\n" in request for request in keyed_ones)
    assert b"arc-redacted: header authorization" in gzip.decompress(own[0].read_bytes())


def test_cookies_are_never_sent_on(keyed: Keyed) -> None:
    for path in keyed.store.rglob("*.warc.gz"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.request, parse_http=False):
                assert b"cookie" not in record.reader.read().lower()
    assert not [request for request in keyed.requests if "cookie" in request.headers]
    for name, content in unpacked(keyed.folder):
        if "/warc/" not in name:  # there it stands as the server sent it
            assert COOKIE.encode() not in content, name


def test_the_widgets_token_is_no_secret_and_stays(keyed: Keyed) -> None:
    (ordinary,) = [path for path in keyed.store.rglob("*.warc.gz") if path.name.startswith("page-2")]
    with ordinary.open("rb") as stream:
        requests = [
            record.reader.read()
            for record in ArchiveIterator(stream, record_types=WarcRecordType.request, parse_http=False)
        ]
    widget = [request for request in requests if b"/tweet-result?" in request]
    assert widget
    assert not [request for request in widget if b"REDACTED" in request]


# The series of its own


def test_captures_under_developer_terms_lie_in_their_own_series(keyed: Keyed) -> None:
    series = {path.relative_to(keyed.store).parts[1] for path in keyed.store.glob("warc/*/*/*.warc.gz")}
    assert series == {"cards", "page", "page-x-developer"}
    for path in keyed.store.glob("warc/*/*/*.warc.gz"):
        with path.open("rb") as stream:
            urls = {
                r.headers.get("WARC-Target-URI", "")
                for r in ArchiveIterator(stream, record_types=WarcRecordType.response)
            }
        if not path.name.startswith("cards-"):
            assert {"/x.api/2/" in url for url in urls if "/media/" not in url} == {"x-developer" in path.name}
    assert {path.name.rsplit("-", 2)[1] for path in keyed.store.glob("warc/*/*/*.warc.gz")} == {"00000"}


def test_a_medium_lies_in_the_series_of_the_answer_that_named_it(keyed: Keyed) -> None:
    (post,) = [post for post in stored(keyed.store, "posts") if post["media"]]
    (capture,) = Archive(keyed.store).captures(post["media"][0]["url"])
    assert post["media"][0]["record_id"] == capture.pointer.warc_record_id
    assert capture.pointer.warc_filename.startswith("warc/page-x-developer/")


def test_documents_come_out_of_both_series(keyed: Keyed) -> None:
    posts = {post["native_id"]: post for post in stored(keyed.store, "posts")}
    assert {post["terms"] for post in posts.values()} >= {"x-developer"}
    visible = posts[x_post(1).native_id]
    assert (visible["status"], visible["obtained_via"], visible["terms"]) == ("captured", "api", "x-developer")
    assert visible["capture"]["warc_filename"].startswith("warc/page-x-developer/dt=")
    assert Archive(keyed.store).payload(Archive(keyed.store).articles().__next__().capture)
    gone = posts[x_post(2).native_id]
    assert {attempt["method"] for attempt in gone["attempts"]} >= {"api", "syndication"}


def test_both_series_are_in_the_manifest_and_pass_the_check(keyed: Keyed) -> None:
    (run,) = manifests(keyed.store)
    assert sum(file["key"].startswith("warc/page-x-developer/") for file in run["files"]) == 1
    assert sum(file["key"].startswith("cdxj/page-x-developer/") for file in run["files"]) == 1
    assert archiver("check", "--store", keyed.store, cwd=keyed.folder).returncode == 0


def test_posts_of_both_series_come_back_byte_for_byte(keyed: Keyed, tmp_path: Path) -> None:
    store = shutil.copytree(keyed.store, tmp_path / "archive")
    before = {name: content for name, content in everything([store]).items() if "/.spool/" not in name}
    for kind in ("articles", "posts", "resolutions"):
        shutil.rmtree(store / kind)
    assert archiver("extract", "--archive", store, cwd=tmp_path).returncode == 0
    assert {name: content for name, content in everything([store]).items() if "/.spool/" not in name} == before


def test_a_killed_run_leaves_no_token_in_its_spool_and_publishes_both_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = [*(x_post(number) for number in range(1, 11)), x_post(11, "slow")]
    page = story(*(embed(number, post.text) for number, post in enumerate(posts, start=1)))
    monkeypatch.setenv("POSTS_X_BEARER", BEARER)
    with FakePlatforms(posts=posts, bearer=BEARER, slow_seconds=30) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks, posts={"x_bearer_use": "first"}, timeout="20s")
        process = start("capture", f"{server.base}/story", "-v", cwd=tmp_path)
        ends = time.monotonic() + 20
        while not any(x_post(11).native_id in r.target for r in networks.asked("x.api")) and time.monotonic() < ends:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
        _, log = process.communicate()
    spooled = list(unpacked_growing(tmp_path))
    assert any("x-developer" in name for name, _ in spooled)
    for name, content in [("the log", log), *spooled]:
        assert BEARER.encode() not in content, name
    assert archiver("publish", cwd=tmp_path).returncode == 0
    assert {post["status"] for post in stored(tmp_path / "archive", "posts")} == {"captured"}
    assert archiver("check", cwd=tmp_path).returncode == 0
    assert manifests(tmp_path / "archive")[0]["sources"] == ["page"]


def unpacked_growing(folder: Path) -> Iterator[tuple[str, bytes]]:
    """As `unpacked`, with WARCs that were cut where they grew."""
    for name, content in everything([folder]).items():
        yield name, content
        if content.startswith(b"\x1f\x8b"):
            stream = ArchiveIterator(io.BytesIO(content), parse_http=False)
            yield f"{name} (unpacked)", b"".join(json.dumps(dict(r.headers)).encode() + r.reader.read() for r in stream)


def test_the_tests_own_environment_holds_no_token() -> None:
    assert "POSTS_X_BEARER" not in environment()
    assert BEARER not in os.environ.values()
