"""Replay and packages out of an object store: the same pages and the same bytes as out of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from archiver.store import open_store
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver
from tests.e2e.test_replay import NOT_REWRITTEN
from tests.replaying import get, need_pywb, replaying
from tests.servers.kit import ACCESS_KEY, SECRET_KEY, client
from tests.servers.seaweedfs import SeaweedFS, weed

KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}


@pytest.fixture(scope="module")
def bucket(crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo's archive in a bucket: its URL."""
    if weed() is None:
        pytest.skip("no SeaweedFS: make setup installs it")
    patched = pytest.MonkeyPatch()
    for name, value in KEYS.items():
        patched.setenv(name, value)
    server = SeaweedFS(tmp_path_factory.mktemp("s3")).start()
    try:
        client(server).create_bucket(Bucket="news")
        url = f"s3://news/archive?endpoint={quote(server.endpoint, safe='')}"
        store = open_store(url)
        for path in sorted(crawled.store.rglob("*")):
            relative = path.relative_to(crawled.store)
            if path.is_file() and not any(part.startswith(".") for part in relative.parts):
                store.put(relative.as_posix(), path.read_bytes())
        yield url
    finally:
        server.stop()
        patched.undo()


def test_pages_replay_out_of_a_bucket(bucket: str, crawled: Crawled, tmp_path: Path) -> None:
    need_pywb()
    with replaying(bucket, cwd=tmp_path, **KEYS) as url:
        shown = (one for one in crawled.archive.articles() if not one.rights.archiving_restricted)
        for article in [one for one in shown if not one.url.endswith(NOT_REWRITTEN)][:12]:
            stamp = f"{article.capture.fetch_time:%Y%m%d%H%M%S}"
            assert get(f"{url}{stamp}id_/{article.url}").status == 200
            rewritten = get(f"{url}{stamp}mp_/{article.url}").text
            assert "WB Insert" in rewritten


def test_a_package_out_of_a_bucket_is_the_one_out_of_a_folder(bucket: str, crawled: Crawled, tmp_path: Path) -> None:
    import zipfile

    url = next(crawled.archive.articles(source="demo-indus")).url
    for store, name in ((bucket, "s3.wacz"), (str(crawled.store), "folder.wacz")):
        run = archiver("export", "wacz", url, "-o", tmp_path / name, "--store", store, cwd=tmp_path, **KEYS)
        assert run.returncode == 0, run.stderr.decode()
    with zipfile.ZipFile(tmp_path / "s3.wacz") as one, zipfile.ZipFile(tmp_path / "folder.wacz") as other:
        names = [name for name in one.namelist() if not name.startswith("datapackage")]
        assert {name: one.read(name) for name in names} == {name: other.read(name) for name in names}
